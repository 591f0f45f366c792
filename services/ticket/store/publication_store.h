// The table of the monthly publications, and what only they count. All methods run inside the
// caller's transaction and touch one county only. Nothing personal stands in it.
#ifndef BAIMI_SERVICES_TICKET_STORE_PUBLICATION_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_PUBLICATION_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "baimi/ticket/v1/publications.pb.h"
#include "common/sql/database.h"
#include "services/ticket/domain/publication.h"

namespace baimi::ticket::store {

// Stateless; thread-safe.
class PublicationStore {
 public:
  // NOT_FOUND when absent.
  static absl::StatusOr<v1::PublicationWork> Load(sql::Reader& reader, absl::string_view name);
  // Every version of the month, oldest first.
  static absl::StatusOr<std::vector<v1::PublicationWork>> OfMonth(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  absl::CivilMonth month);
  static absl::Status Insert(sql::Tx& tx, const v1::PublicationWork& work);
  static absl::Status Update(sql::Tx& tx, const v1::PublicationWork& work);

  // The newest month first, of a month the newest version, after `after`; in `state` unless that is
  // unspecified.
  static absl::StatusOr<std::vector<v1::PublicationWork>> List(
      sql::Reader& reader, absl::string_view county,
      const std::optional<domain::PublicationId>& after, v1::PublicationState state, int limit);

  // Orders filed in the month, by their numbers.
  static absl::StatusOr<std::map<std::pair<v1::TicketType, v1::Channel>, int64_t>> Filed(
      sql::Reader& reader, absl::string_view county, absl::CivilMonth month);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_PUBLICATION_STORE_H_
