import { type Adapter, nameOf } from './builder.ts'
import { dockerContainer } from './docker-container.ts'
import { plannedNodes } from './nodes.ts'

/** BuildKit in pods of the cluster in `kubectl`'s configuration. Its namespace, replicas and the like are `driver-opts`. */
export const kubernetes: Adapter = {
  choose: ({ endpoints }, _, runId) => ({
    name: nameOf(runId),
    driver: 'kubernetes',
    owned: true,
    // Pods are never on this machine; without an endpoint they are in the cluster of the configuration.
    nodes: plannedNodes(endpoints.length > 0 ? endpoints : [{ endpoint: 'kubernetes://', platforms: [] }]),
  }),
  // Created and configured in the same way.
  open: dockerContainer.open,
}
