import { type Adapter, nameOf } from './builder.ts'
import { dockerContainer } from './docker-container.ts'
import { plannedNodes } from './nodes.ts'

/** BuildKit in pods of a cluster, which `kubectl`'s configuration names. Its namespace, replicas and the like are `driver-opts`. */
export const kubernetes: Adapter = {
  choose: ({ endpoints }, _, runId) => ({
    name: nameOf(runId),
    driver: 'kubernetes',
    owned: true,
    // Pods are elsewhere, whatever the address: without it, where the configuration says.
    nodes: plannedNodes(endpoints.length > 0 ? endpoints : [{ endpoint: 'kubernetes://', platforms: [] }]),
  }),
  // The same BuildKit, made and configured alike.
  open: dockerContainer.open,
}
