import { Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time';

export const NAMESPACE = 'default';

/** How long closed workflows stay on the embedded server: 30 days; its own default is one. */
const RETENTION_MS = 30 * 24 * 3600 * 1000;

/** Without the SDK's retries, back soon after the server was away, and never by a proxy: it is on this machine. */
const CONNECTION_OPTIONS: ConnectionOptions = {
  interceptors: [],
  channelArgs: {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.enable_http_proxy': 0,
  },
};

/** Calls to one server that say within a deadline whether it answers. */
export interface HealthCheck {
  /** Whether the server answers at all. */
  isAlive(): Promise<boolean>;
  /** Whether it serves the default namespace, whose retention is set on the way. */
  isServing(): Promise<boolean>;
  close(): Promise<void>;
}

/** @param deadlineMs longest a call may take, in milliseconds */
export function createHealthCheck(address: string, deadlineMs: number): HealthCheck {
  const connection = Connection.lazy({ ...CONNECTION_OPTIONS, address });
  const succeeds = (call: () => Promise<unknown>): Promise<boolean> =>
    connection.withDeadline(Date.now() + deadlineMs, call).then(
      () => true,
      () => false,
    );
  return {
    isAlive: () => succeeds(() => connection.workflowService.getSystemInfo({})),
    isServing: () => succeeds(() => raiseRetention(connection)),
    close: () => connection.close(),
  };
}

async function raiseRetention(connection: Connection): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
  const current = config?.workflowExecutionRetentionTtl;
  if (current && tsToMs(current) >= RETENTION_MS) return;
  await connection.workflowService.updateNamespace({
    namespace: NAMESPACE,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION_MS) },
  });
}
