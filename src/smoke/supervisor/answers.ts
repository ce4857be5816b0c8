import { addonRoutes } from './addon-routes.ts'
import { coreRoutes } from './core-routes.ts'
import { machineRoutes } from './machine-info.ts'
import type { Routes } from './routes.ts'
import { serviceRoutes } from './service-routes.ts'
import { storeRoutes } from './store-routes.ts'
import { systemRoutes } from './system-routes.ts'

/** The answer of every route of the first version of the API. */
export const answers: Routes = {
  ...addonRoutes,
  ...serviceRoutes,
  ...storeRoutes,
  ...machineRoutes,
  ...systemRoutes,
  ...coreRoutes,
}
