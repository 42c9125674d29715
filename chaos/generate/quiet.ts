/** What our own containers in a generated world have in common: few rights, no proxy from Docker's own settings. */
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'ALL_PROXY']

export const quiet = {
  pull_policy: 'never',
  init: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'no',
  stop_grace_period: '1s',
  environment: Object.fromEntries([...proxies, ...proxies.map((name) => name.toLowerCase())].map((name) => [name, ''])),
}
