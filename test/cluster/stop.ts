/** After the last test of this project: sees that nothing is left behind, and stops what was started. */
import { connect } from "./cluster";
import { untilNamespacesGone } from "./story";

async function stop(): Promise<void> {
  const started = globalThis.clusterUnderTest;
  if (!started) return;
  const cluster = connect(started.access);
  try {
    await untilNamespacesGone(cluster);
  } finally {
    await cluster.close();
    await started.stop();
  }
}

// Jest takes nothing but a default.
export { stop as default };
