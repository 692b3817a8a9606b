/** Settings of installers and of the network, which hold no key of coppice's own. */
const PASSED_ON =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TMPDIR|(?:https?|no|all|ftp)_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC|(?:PIP|UV|XDG|PYENV)_\w+)$/i;

/** What installers get of a worker's environment: paths, proxies, and the settings of pip and uv. */
export function installEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const passed = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && PASSED_ON.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(passed);
}
