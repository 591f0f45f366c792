#include "tests/bench/life.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace baimi::bench {
namespace {

using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;
using RatingStub = ticket::v1::RatingService::Stub;

// More calls than any order needs: one that gets there goes round in circles.
constexpr int kMostCalls = 400;

struct Share {
  ticket::v1::TicketType type;
  double percent;
};
// domain.md §9, one city week; the rest is OTHER.
constexpr Share kMix[] = {{ticket::v1::CONSULT, 47}, {ticket::v1::HELP, 30},
                          {ticket::v1::SUGGEST, 15}, {ticket::v1::COMPLAINT, 4},
                          {ticket::v1::REPORT, 1},   {ticket::v1::PRAISE, 0.3}};

ticket::v1::Reply Answered() {
  ticket::v1::Reply reply;
  reply.set_result("已到现场处理，并向来电人说明");
  reply.add_evidence("blobs/1");
  reply.set_caller_contacted(true);
  return reply;
}

}  // namespace

Life::Life(County* county, Chronicle* chronicle, const Ticket& sample, int number, absl::Time time,
           uint32_t seed)
    : county_(county),
      chronicle_(chronicle),
      number_(number),
      random_(seed),
      next_(time),
      ticket_(sample) {
  double drawn = Draw(100'000) / 1000.0;
  ticket_.set_type(ticket::v1::OTHER);
  for (const Share& share : kMix) {
    if (drawn < share.percent) {
      ticket_.set_type(share.type);
      break;
    }
    drawn -= share.percent;
  }
  if (ticket_.type() != ticket::v1::REPORT) {
    ticket_.clear_subject_unit();
  }
  ticket_.clear_occurred_time();
}

template <typename Service, typename Request>
absl::Status Life::Take(const char* what,
                        grpc::Status (Service::*method)(grpc::ClientContext*, const Request&,
                                                        Ticket*),
                        Request request) {
  request.set_name(ticket_.name());
  request.set_request_id(absl::StrCat("year-", number_, "-", calls_));
  absl::StatusOr<Ticket> changed = county_->Call(method, request);
  if (changed.ok()) {
    refused_ = false;
    ticket_ = *std::move(changed);
    chronicle_->Count(what);
    return absl::OkStatus();
  }
  if (!absl::IsFailedPrecondition(changed.status()) || ReasonOf(changed.status()).empty()) {
    return absl::Status(changed.status().code(),
                        absl::StrCat(ticket_.name(), ", ", what, ": ", changed.status().message()));
  }
  refused_ = true;
  chronicle_->Count(absl::StrCat("refused: ", what, ", ", ReasonOf(changed.status())));
  return Refresh();
}

absl::Status Life::Refresh() {
  ticket::v1::GetTicketRequest request;
  request.set_name(ticket_.name());
  BAIMI_ASSIGN_OR_RETURN(ticket_, county_->Call(&Stub::GetTicket, request));
  return absl::OkStatus();
}

absl::Status Life::Step() {
  if (++calls_ > kMostCalls) {
    return absl::InternalError(absl::StrCat(ticket_.name(), ": got no end after ", kMostCalls,
                                            " calls, in ",
                                            ticket::v1::TicketState_Name(ticket_.state())));
  }
  absl::Status status;
  switch (ticket_.state()) {
    case ticket::v1::TICKET_STATE_UNSPECIFIED:
      status = File();
      break;
    case ticket::v1::PENDING_DISPATCH:
      status = Intake();
      break;
    case ticket::v1::DISPATCHED:
      status = Dispatched();
      break;
    case ticket::v1::RETURN_REVIEW: {
      ticket::v1::DecideReturnRequest request;
      request.set_approve(Chance(50));
      request.set_note("按三定方案核定");
      status = Take("decideReturn", &Stub::DecideReturn, std::move(request));
      break;
    }
    case ticket::v1::SIGNED:
      status = Signed();
      break;
    case ticket::v1::REWORK:
      status = Take("sign", &Stub::SignTicket, ticket::v1::SignTicketRequest());
      break;
    case ticket::v1::SUSPENDED: {
      ticket::v1::ResumeTicketRequest request;
      request.set_reason("资金到位");
      status = Take("resume", &Stub::ResumeTicket, std::move(request));
      break;
    }
    case ticket::v1::REPLIED: {
      ticket::v1::AuditTicketRequest request;
      request.set_pass(Chance(95));
      request.set_reason(request.pass() ? "" : "应办未办");
      status = Take("audit", &Stub::AuditTicket, std::move(request));
      break;
    }
    case ticket::v1::PENDING_CALLBACK:
      status = Callback();
      break;
    case ticket::v1::MERGED:
      status = Merged();
      break;
    case ticket::v1::CLOSED:
      status = Closed();
      break;
    default:
      status = Take("archive", &Stub::ArchiveTicket, ticket::v1::ArchiveTicketRequest());
  }
  Wait();
  return status;
}

void Life::Wait() {
  double hours = 24 * 7;
  switch (ticket_.state()) {
    case ticket::v1::ARCHIVED:
      next_ = absl::InfiniteFuture();
      return;
    case ticket::v1::PENDING_DISPATCH:
      hours = 2;
      break;
    case ticket::v1::DISPATCHED:
    case ticket::v1::RETURN_REVIEW:
    case ticket::v1::REWORK:
      hours = 3;
      break;
    case ticket::v1::SIGNED:
      hours = 40;
      break;
    case ticket::v1::REPLIED:
    case ticket::v1::PENDING_CALLBACK:
      hours = 8;
      break;
    case ticket::v1::MERGED:
      hours = 30;
      break;
    case ticket::v1::SUSPENDED:
      hours = 24 * 25;
      break;
    case ticket::v1::CLOSED:
      hours = 24 * 4;
      break;
    default:
      break;
  }
  if (refused_) {
    hours = std::max(hours, 12.0);
  }
  next_ = county_->clock().Now() +
          absl::Hours(std::exponential_distribution<double>(1 / hours)(random_));
}

absl::Status Life::File() {
  ticket::v1::CreateTicketRequest request;
  request.set_parent(absl::StrCat("counties/", county_->files().day.county()));
  *request.mutable_ticket() = ticket_;
  request.set_request_id(absl::StrCat("year-", number_));
  BAIMI_ASSIGN_OR_RETURN(ticket_, county_->Call(&Stub::CreateTicket, request));
  chronicle_->Count(absl::StrCat("filed: ", ticket::v1::TicketType_Name(ticket_.type())));
  return absl::OkStatus();
}

absl::Status Life::Intake() {
  if (ticket_.type() == ticket::v1::CONSULT && Chance(95)) {
    ticket::v1::AnswerTicketRequest request;
    *request.mutable_reply() = Answered();
    return Take("answer", &Stub::AnswerTicket, std::move(request));
  }
  if (Chance(8)) {
    return OffTheLine();
  }
  return Dispatch();
}

absl::Status Life::OffTheLine() {
  switch (Draw(6)) {
    case 0: {
      ticket::v1::WithdrawTicketRequest request;
      request.set_reason("来电人称已自行解决");
      return Take("withdraw", &Stub::WithdrawTicket, std::move(request));
    }
    case 1: {
      ticket::v1::TransferTicketRequest request;
      request.set_out_reference("469029-20250101-1");
      return Take("transfer", &Stub::TransferTicket, std::move(request));
    }
    case 2: {
      ticket::v1::SelfSolveTicketRequest request;
      *request.mutable_reply() = Answered();
      return Take("selfSolve", &Stub::SelfSolveTicket, std::move(request));
    }
    case 3: {
      ticket::v1::RejectTicketRequest request;
      request.mutable_refusal()->set_code(ticket::v1::BEYOND_PUBLIC_DUTY);
      request.mutable_refusal()->set_reason("属市场主体之间的约定，已说明途径");
      return Take("reject", &Stub::RejectTicket, std::move(request));
    }
    default: {
      const std::string into =
          chronicle_->OpenOne(ticket_.category(), static_cast<uint32_t>(random_()));
      return into.empty() ? Dispatch() : Merge(into);
    }
  }
}

absl::Status Life::Merge(const std::string& into) {
  ticket::v1::MergeTicketRequest request;
  request.set_into(into);
  return Take("merge", &Stub::MergeTicket, std::move(request));
}

absl::Status Life::Dispatch() {
  ticket::v1::DispatchTicketRequest request;
  if (refused_) {
    // What the catalogue cannot give away is coordinated by the county (R1.5).
    request.set_lead(county_->files().policy.fallback_unit());
    request.set_note("派单目录无法确定，由县政府统筹");
  }
  BAIMI_RETURN_IF_ERROR(Take("dispatch", &Stub::DispatchTicket, std::move(request)));
  if (ticket_.state() == ticket::v1::DISPATCHED) {
    chronicle_->Open(ticket_);
  }
  return absl::OkStatus();
}

absl::Status Life::Dispatched() {
  const ticket::v1::Assignment& assignment = ticket_.assignment();
  if (!assignment.no_return() && !assignment.return_used() && Chance(4)) {
    ticket::v1::RequestReturnRequest request;
    request.set_reason("不属本单位职责");
    request.set_legal_basis("三定方案");
    return Take("requestReturn", &Stub::RequestReturn, std::move(request));
  }
  if (Chance(2)) {
    const std::string into =
        chronicle_->OpenOne(ticket_.category(), static_cast<uint32_t>(random_()));
    if (!into.empty() && into != ticket_.name()) {
      return Merge(into);
    }
  }
  return Take("sign", &Stub::SignTicket, ticket::v1::SignTicketRequest());
}

absl::Status Life::Signed() {
  if (!ticket_.has_extension()) {
    if (Chance(8)) {
      ticket::v1::RequestExtensionRequest request;
      request.set_reason("配件须从外地调运");
      request.mutable_period()->set_unit(ticket::v1::WORKING_DAYS);
      request.mutable_period()->set_amount(1 + Draw(5));
      return Take("requestExtension", &Stub::RequestExtension, std::move(request));
    }
  } else if (!ticket_.extension().has_decide_time()) {
    ticket::v1::DecideExtensionRequest request;
    request.set_approve(Chance(80));
    request.set_note("情况属实");
    return Take("decideExtension", &Stub::DecideExtension, std::move(request));
  } else if (Chance(15)) {
    ticket::v1::SuspendTicketRequest request;
    request.mutable_suspension()->set_reason(ticket::v1::NEEDS_FUNDING);
    request.mutable_suspension()->set_measures("已列入下季度计划，先设警示标志");
    request.mutable_suspension()->set_target_date(
        ShanghaiDate(county_->clock().Now() + absl::Hours(24 * 60)));
    return Take("suspend", &Stub::SuspendTicket, std::move(request));
  }
  if (Chance(0.7)) {
    ticket::v1::TerminateTicketRequest request;
    request.mutable_refusal()->set_code(ticket::v1::CALLER_NOT_COOPERATING);
    request.mutable_refusal()->set_reason("来电人多次拒绝说明地点");
    return Take("terminate", &Stub::TerminateTicket, std::move(request));
  }
  return Reply();
}

absl::Status Life::Reply() {
  ticket::v1::ReplyTicketRequest request;
  *request.mutable_reply() = Answered();
  return Take("reply", &Stub::ReplyTicket, std::move(request));
}

bool Life::BadRatingWaits() const {
  const ticket::v1::BadRatingStage stage = ticket_.bad_rating().stage();
  return stage == ticket::v1::BAD_RATING_OPEN || stage == ticket::v1::BAD_RATING_VERIFYING;
}

absl::Status Life::BadRating() {
  if (ticket_.bad_rating().stage() == ticket::v1::BAD_RATING_OPEN) {
    ticket::v1::VerifyBadRatingRequest request;
    request.set_note("说等了太久");
    return Take("verifyBadRating", &RatingStub::VerifyBadRating, std::move(request));
  }
  ticket::v1::DecideBadRatingRequest request;
  // Only an order of its own goes back.
  const bool fix = ticket_.merged_into().empty() && Chance(60);
  request.set_verdict(fix          ? ticket::v1::VERDICT_FIX
                      : Chance(50) ? ticket::v1::VERDICT_EXPLAIN
                                   : ticket::v1::VERDICT_VOID);
  request.set_note("已核实");
  return Take("decideBadRating", &RatingStub::DecideBadRating, std::move(request));
}

absl::Status Life::Callback() {
  if (BadRatingWaits()) {
    return BadRating();
  }
  const bool called = !ticket_.callbacks().empty() &&
                      ticket_.callbacks().rbegin()->round() == ticket_.rework_count();
  if (!refused_ && (ticket_.caller().anonymous() ||
                    (called && (ticket_.callbacks().rbegin()->outcome() == ticket::v1::REACHED ||
                                ticket_.callbacks_size() >= 3)))) {
    return Take("close", &Stub::CloseTicket, ticket::v1::CloseTicketRequest());
  }
  ticket::v1::RecordCallbackRequest request;
  ticket::v1::Callback& callback = *request.mutable_callback();
  callback.set_outcome(Chance(85) ? ticket::v1::REACHED : ticket::v1::NO_ANSWER);
  if (callback.outcome() == ticket::v1::REACHED) {
    callback.set_solved(Chance(88)   ? ticket::v1::YES
                        : Chance(50) ? ticket::v1::PARTLY
                                     : ticket::v1::NO);
    if (Chance(90)) {
      callback.set_rating(static_cast<ticket::v1::Rating>(1 + Draw(Chance(90) ? 3 : 5)));
    }
  }
  return Take("callback", &Stub::RecordCallback, std::move(request));
}

absl::Status Life::Merged() {
  BAIMI_RETURN_IF_ERROR(Refresh());
  if (ticket_.state() != ticket::v1::MERGED) {
    return absl::OkStatus();
  }
  if (Chance(5)) {
    ticket::v1::SplitTicketRequest request;
    request.set_reason("核实为不同事项");
    return Take("split", &Stub::SplitTicket, std::move(request));
  }
  return Callback();
}

absl::Status Life::Closed() {
  // The group's first order may have brought it back.
  BAIMI_RETURN_IF_ERROR(Refresh());
  if (ticket_.state() != ticket::v1::CLOSED) {
    return absl::OkStatus();
  }
  if (BadRatingWaits()) {
    return BadRating();
  }
  if (ticket_.merged_into().empty() && ticket_.rework_count() < 2 && Chance(4)) {
    ticket::v1::ReopenTicketRequest request;
    request.set_reason("又坏了");
    return Take("reopen", &Stub::ReopenTicket, std::move(request));
  }
  return Take("archive", &Stub::ArchiveTicket, ticket::v1::ArchiveTicketRequest());
}

}  // namespace baimi::bench
