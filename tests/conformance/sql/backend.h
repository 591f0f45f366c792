// The databases that the SQL suite runs on. To add one, add its line in backend.cc: every test runs
// on it from then on.
#ifndef BAIMI_TESTS_CONFORMANCE_SQL_BACKEND_H_
#define BAIMI_TESTS_CONFORMANCE_SQL_BACKEND_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace baimi::sql {

// A place for one database, empty at first; gone with this object, or with the test program (a
// schema of its PostgreSQL).
class Site {
 public:
  virtual ~Site() = default;
  // May be opened any number of times, by several processes.
  virtual std::string Uri() const = 0;
};

struct Backend {
  std::string name;
  std::function<std::unique_ptr<Site>()> make_site;
  // What a back end cannot do by its nature, the only reasons for which tests do not run on it.
  // Reads and writes go on at the same time.
  bool concurrent = true;
  // Data outlives the Database object.
  bool durable = true;
};

std::ostream& operator<<(std::ostream& out, const Backend& backend);

std::vector<Backend> AllBackends();
std::vector<Backend> ConcurrentBackends();
std::vector<Backend> DurableBackends();
// Where several processes can work at once: concurrent and durable.
std::vector<Backend> ReplicaBackends();

}  // namespace baimi::sql

#endif  // BAIMI_TESTS_CONFORMANCE_SQL_BACKEND_H_
