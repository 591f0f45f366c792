// Making the results of superior platforms from the journal.
#ifndef BAIMI_SERVICES_TICKET_API_SUPERIOR_MAKER_H_
#define BAIMI_SERVICES_TICKET_API_SUPERIOR_MAKER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "baimi/type/v1/journal.pb.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/store/superior_store.h"

namespace baimi::ticket::api {

// `text` without the caller's name and number, and with other numbers starred.
std::string WithoutContact(std::string text, const v1::Caller& caller);

// Thread-safe.
class SuperiorMaker {
 public:
  // Both outlive it.
  SuperiorMaker(const Parts& parts, const store::SuperiorStore* store)
      : parts_(parts), store_(store) {}

  // journal::Projector::Apply: what each fact is to the platforms whose orders it is about, in the
  // words of its time. By the policy of its time, results that a platform does not want are left
  // out.
  absl::Status Make(sql::Tx& tx, const std::string& county,
                    absl::Span<const type::v1::JournalRecord> records) const;

 private:
  absl::Status Follow(sql::Tx& tx, const std::string& county,
                      const type::v1::JournalRecord& record) const;
  absl::Status Tell(sql::Tx& tx, const std::string& county, const type::v1::JournalRecord& record,
                    v1::SuperiorResultKind own, v1::SuperiorResultKind group) const;

  const Parts& parts_;
  const store::SuperiorStore* const store_;
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_SUPERIOR_MAKER_H_
