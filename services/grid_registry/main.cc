// baimi-grid-registry: the grid registry as a process of its own.
#include "common/process/service_program.h"
#include "services/grid_registry/grid_registry.h"

int main(int argc, char** argv) {
  using baimi::grid_registry::GridRegistry;
  return baimi::process::RunService({.name = "baimi-grid-registry",
                                     .summary = "Baimi's grid registry.",
                                     .service = "grid_registry",
                                     .migrate = GridRegistry::Migrate,
                                     .host = GridRegistry::HostOn},
                                    argc, argv);
}
