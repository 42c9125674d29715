/** Two members of a Galera cluster and an arbitrator, all over a network of their own. */
import { GenericContainer, type StartedTestContainer } from 'testcontainers'
import { imageOf, type Server, startServer } from './server.ts'

export interface Cluster {
  first: Server
  second: Server
  arbitrator: StartedTestContainer
}

const start = (id: number, cluster: string) => `set -eu
  address=$(hostname -i)
  if [ ! -d data ]; then
    mariadb-install-db --datadir=/var/lib/mysql/data --skip-test-db > /dev/null
    printf '%s;\\n' "create user if not exists watcher@'%' identified by ''" "grant all on *.* to watcher@'%'" > init.sql
  fi
  exec mariadbd --no-defaults --datadir=/var/lib/mysql/data --socket=/tmp/db.sock --bind-address=0.0.0.0 --server-id=${id} \\
    --binlog-format=row --innodb-autoinc-lock-mode=2 --wsrep-on=1 --wsrep-provider=/usr/lib/galera/libgalera_smm.so --wsrep-sst-method=rsync \\
    --wsrep-cluster-name=c --wsrep-node-address=$address --wsrep-cluster-address=${cluster} ${id === 1 ? '--init-file=/var/lib/mysql/init.sql' : ''}`

export async function galeraCluster(): Promise<Cluster> {
  const image = await imageOf('mariadb')
  const common = {
    image,
    port: 3306,
    purpose: 'sql',
    ready: /ready for connections/,
    attributes: { 'database.engine': 'mariadb', 'database.user': 'watcher', 'database.multi-primary': 'true' },
  }
  const first = await startServer({ ...common, name: 'first', script: start(1, 'gcomm://') })
  const second = await startServer({ ...common, name: 'second', script: start(2, `gcomm://${first.address}`) })
  const arbitrator = await new GenericContainer(image)
    .withLabels({ 'blackstart.world': `contract-databases-${process.pid}` })
    .withEntrypoint(['garbd'])
    .withCommand(['--group', 'c', '--address', `gcomm://${first.address},${second.address}`])
    .start()
  return { first, second, arbitrator }
}
