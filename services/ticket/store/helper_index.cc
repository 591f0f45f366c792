#include "services/ticket/store/helper_index.h"

#include <map>

#include "common/base/status_macros.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kSave = {
    "helpers.save",
    "INSERT INTO ticket_helpers (county, unit, number, open) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (county, unit, number) DO UPDATE SET open = $4"};
constexpr sql::Statement kList = {"helpers.list",
                                  "SELECT number FROM ticket_helpers WHERE county = $1 AND "
                                  "unit = $2 AND number < $3 ORDER BY number DESC LIMIT $4"};
constexpr sql::Statement kListOpen = {
    "helpers.list_open",
    "SELECT number FROM ticket_helpers WHERE county = $1 AND unit = $2 AND number < $3 "
    "AND open = 1 ORDER BY number DESC LIMIT $4"};

constexpr absl::string_view kNewest = "99999999-999999";

// By unit, whether its last part is open.
std::map<std::string, bool> Parts(const v1::Ticket& ticket) {
  std::map<std::string, bool> parts;
  for (const v1::HelperTask& task : ticket.helper_tasks()) {
    parts[task.unit()] = domain::IsOpen(task);
  }
  return parts;
}

}  // namespace

absl::Status FollowHelpers(sql::Tx& tx, absl::string_view county, const v1::Ticket& before,
                           const v1::Ticket& after) {
  if (after.helper_tasks().empty()) {
    return absl::OkStatus();
  }
  const std::map<std::string, bool> old = Parts(before);
  for (const auto& [unit, open] : Parts(after)) {
    const auto found = old.find(unit);
    if (found == old.end() || found->second != open) {
      BAIMI_RETURN_IF_ERROR(
          tx.Execute(kSave, {county, unit, LastSegment(after.name()), int64_t{open}}).status());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> HelpedOrders(sql::Reader& reader, absl::string_view county,
                                                      absl::string_view unit, bool open_only,
                                                      absl::string_view below, int limit) {
  std::vector<std::string> numbers;
  BAIMI_RETURN_IF_ERROR(reader.Query(open_only ? kListOpen : kList,
                                     {county, unit, below.empty() ? kNewest : below, limit},
                                     [&](const sql::Row& row) {
                                       numbers.emplace_back(row.Text(0));
                                       return absl::OkStatus();
                                     }));
  return numbers;
}

}  // namespace baimi::ticket::store
