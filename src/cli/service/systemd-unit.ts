import type { Service, ServiceFile } from './service';

const NAME = 'coppice.service';

/** A user unit of systemd, see systemd.service(5) and systemd.exec(5). */
export function systemdUnit({ command, directory, environment }: Service): ServiceFile {
  const text = `[Unit]
Description=coppice worker: goes on with unfinished runs
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${command.map(quoted).join(' ')}
WorkingDirectory=${directory.replaceAll('%', '%%')}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join('\n')}
Restart=always
RestartSec=10
# Running scripts and the embedded server outlive the worker: its next life takes the scripts over.
KillMode=process
TimeoutStopSec=90

[Install]
WantedBy=default.target
`;
  return {
    text,
    steps: [
      `Put this into ~/.config/systemd/user/${NAME}, for instance with`,
      `  coppice service > ~/.config/systemd/user/${NAME}`,
      'then switch it on, also for the time when nobody is logged in:',
      `  systemctl --user daemon-reload && systemctl --user enable --now ${NAME}`,
      '  loginctl enable-linger',
    ],
  };
}

/** In double quotes; a percent sign or a dollar would mean something to systemd. */
function quoted(word: string): string {
  const escaped = word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
