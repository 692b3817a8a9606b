import type { Service, ServiceFile } from './service';

const LABEL = 'coppice.worker';

/** A property list for launchd, see launchd.plist(5). */
export function launchdFile({ command, directory, environment, log }: Service): ServiceFile {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${stringOf(LABEL)}
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    ${stringOf(word)}`).join('\n')}
  </array>
  <key>WorkingDirectory</key>
  ${stringOf(directory)}
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(environment)
  .map(([name, value]) => `    <key>${escapeXml(name)}</key>\n    ${stringOf(value)}`)
  .join('\n')}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <!-- Running scripts and the embedded server outlive the worker: its next life takes the scripts over. -->
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>90</integer>
  <key>StandardOutPath</key>
  ${stringOf(log)}
  <key>StandardErrorPath</key>
  ${stringOf(log)}
</dict>
</plist>
`;
  return {
    text,
    steps: [
      `Put this into ~/Library/LaunchAgents/${LABEL}.plist, for instance with`,
      `  coppice service > ~/Library/LaunchAgents/${LABEL}.plist`,
      'then switch it on:',
      `  launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/${LABEL}.plist`,
    ],
  };
}

function stringOf(text: string): string {
  return `<string>${escapeXml(text)}</string>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
