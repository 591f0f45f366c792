// Changing orders: what every handler that changes one does around the rule that decides.
#ifndef BAIMI_SERVICES_TICKET_API_ORDERS_H_
#define BAIMI_SERVICES_TICKET_API_ORDERS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "baimi/ticket/v1/resources.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::api {

// Thread-safe.
class Orders {
 public:
  // The parts outlive this object.
  explicit Orders(const Parts& parts) : parts_(parts) {}

  // One change of one order. `decide` sees the row and the context; it may run more than once.
  using Decide =
      std::function<absl::StatusOr<domain::Decision>(const v1::Ticket&, const domain::Context&)>;
  Async<v1::Ticket> Change(const Call& call, const std::string& name, Decide decide) const;

  // One transaction over orders of the county.
  struct Work {
    journal::Tx& tx;
    const domain::Context context;
    // Orders written so far.
    std::vector<std::string> names = {};
  };
  // Runs `use`, perhaps more than once; drops the cached copies of what it wrote once that is
  // committed, before the caller is answered.
  Async<v1::Ticket> Transact(const Call& call,
                             std::function<absl::StatusOr<v1::Ticket>(Work&)> use) const;
  // The same with another answer. One with personal fields must be sealed under one key.
  template <typename Answer>
  Async<Answer> TransactAs(const Call& call,
                           std::function<absl::StatusOr<Answer>(Work&)> use) const;
  // NOT_FOUND also for orders out of the call's scope.
  absl::StatusOr<store::TicketRow> Load(Work& work, absl::string_view name) const;
  // Records the facts of `decision`, with what follows for supervision, and writes its order. The
  // one that is answered comes last.
  absl::StatusOr<v1::Ticket> Commit(Work& work, const store::TicketRow& before,
                                    domain::Decision decision) const;
  // What was merged into the order.
  absl::StatusOr<std::vector<store::TicketRow>> Merged(Work& work,
                                                       const store::TicketRow& into) const;
  // `into` and what was merged into it, as `decisions` say; answers `into`.
  absl::StatusOr<v1::Ticket> CommitGroup(Work& work, const store::TicketRow& into,
                                         const std::vector<store::TicketRow>& merged,
                                         std::vector<domain::Decision> decisions) const;

 private:
  const Parts& parts_;
};

template <typename Answer>
Async<Answer> Orders::TransactAs(const Call& call,
                                 std::function<absl::StatusOr<Answer>(Work&)> use) const {
  auto written = std::make_shared<std::vector<std::string>>();
  Async<Answer> change = parts_.writer->Execute<Answer>(
      call, [this, use = std::move(use), written](journal::Tx& tx) -> absl::StatusOr<Answer> {
        BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(tx));
        Work work{tx, {tx.now(), tx.call().actor, *policy}};
        absl::StatusOr<Answer> answer = use(work);
        *written = std::move(work.names);
        return answer;
      });
  auto promise = std::make_shared<Promise<Answer>>();
  Async<Answer> result = promise->async();
  std::move(change).Then(
      [this, promise, written, seq = call.committed_seq](absl::StatusOr<Answer> answer) {
        for (const std::string& name : *written) {
          if (!answer.ok()) {
            // Perhaps it was committed all the same, nobody knows under which sequence.
            parts_.cache->Delete(name);
          } else if (seq != nullptr) {
            parts_.read_through->Invalidate(name, seq->load());
          }
        }
        promise->Set(std::move(answer));
      });
  return result;
}

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_ORDERS_H_
