// Random lives of orders: whatever is tried in whatever sequence, the invariants of domain.md §1.3
// hold after every step.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/citizen.h"
#include "services/ticket/domain/clocks.h"
#include "services/ticket/domain/desk.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/helping.h"
#include "services/ticket/domain/ladder.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/rating.h"
#include "services/ticket/domain/supervision.h"
#include "services/ticket/domain/telling.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/domain/testing_policies.h"
#include "services/ticket/domain/urge.h"

namespace baimi::ticket::domain {
namespace {

using enum Command;

constexpr int kSequences = 4'000;
constexpr int kSteps = 40;
constexpr absl::string_view kUnits[] = {"", "", "", "zhujianju", "yingbei", "xianfuban", "other"};

using Row = std::pair<v1::TicketState, Command>;

class Life {
 public:
  explicit Life(unsigned seed)
      : random_(seed), policy_(PolicyOfSeed(seed)), now_(At("2025-09-01 08:00")) {
    v1::CreateTicketRequest request = SampleRequest();
    v1::Ticket& ticket = *request.mutable_ticket();
    ticket.set_type(static_cast<v1::TicketType>(1 + Pick(7)));
    ticket.set_channel(Pick(3) == 0 ? v1::GRID_WORKER : v1::PHONE);
    ticket.set_urgency(static_cast<v1::Urgency>(Pick(4)));
    ticket.mutable_caller()->set_no_reply_wanted(Pick(8) == 0);
    ticket.set_category(Pick(3) == 0 ? "0401" : "020301");
    const auto filed = File(request, kTicketName, SamplePlace(), Now());
    ADD_FAILURE_IF_NOT_OK(filed.status());
    Take(*filed);
  }

  int helped() const { return helped_; }

  void Run(std::set<Row>& done) {
    for (int i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) {
      now_ += absl::Minutes(Pick(4) == 0 ? Pick(3'000) : Pick(120));
      if (Pick(2) == 0) {
        RingNow();
      }
      if (Pick(12) == 0) {
        RaiseByHand();
      }
      Step(done);
      HelpStep();
      CheckRow();
      SideStep();
      CheckRow();
    }
    EXPECT_EQ(Replayed().SerializeAsString(), ticket_.SerializeAsString());
    CheckHungUp();
  }

  // How many of the days at whose end something changed found the order hung up.
  int hung_up() const { return hung_up_; }

  // The kinds of facts that move no state and were recorded.
  const std::set<int>& sides() const { return sides_; }

 private:
  static void ADD_FAILURE_IF_NOT_OK(const absl::Status& status) {
    ASSERT_TRUE(status.ok()) << status;
  }

  int Pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  Context Now() { return {now_, actor_, policy_}; }

  Command PickAny() {
    const std::vector<Command> allowed = AllowedCommands(ticket_.state());
    if (!allowed.empty() && Pick(8) != 0) {
      return allowed[static_cast<size_t>(Pick(static_cast<int>(allowed.size())))];
    }
    return static_cast<Command>(Pick(kCommandCount));
  }

  // What ends an order is mostly drawn again, or few lives would get far.
  Command PickCommand() {
    static const auto& ends = *new std::set<Command>{kAnswer,    kReject,   kTerminate, kWithdraw,
                                                     kSelfSolve, kTransfer, kArchive};
    const Command command = PickAny();
    return ends.contains(command) && Pick(6) != 0 ? PickAny() : command;
  }

  void Step(std::set<Row>& done) {
    const Command command = PickCommand();
    if (!HasVerb(command)) {
      return;
    }
    actor_ = MakeActor("staff", kUnits[Pick(static_cast<int>(std::size(kUnits)))]);
    const v1::TicketState before = ticket_.state();
    const auto decision = Perform(command, ticket_, Now());
    if (!decision.ok()) {
      EXPECT_FALSE(ReasonOf(decision.status()).empty()) << decision.status();
      EXPECT_NE(decision.status().code(), absl::StatusCode::kInternal) << decision.status();
      return;
    }
    done.insert({before, command});
    EXPECT_NE(before, v1::ARCHIVED);
    EXPECT_GE(decision->ticket.rework_count(), ticket_.rework_count());
    if (command == kRequestReturn) {
      EXPECT_TRUE(returned_.insert(ticket_.dispatch_count()).second)
          << "returned twice: designation " << ticket_.dispatch_count();
    }
    if (command == kSplit) {
      EXPECT_EQ(decision->ticket.state(), ticket_.state_before_merge());
    }
    Take(*decision);
  }

  // Something that a helper or the centre does about helpers.
  void HelpStep() {
    actor_ = MakeActor("staff", kUnits[Pick(static_cast<int>(std::size(kUnits)))]);
    absl::StatusOr<Decision> decision = absl::UnknownError("nothing");
    const std::string unit = actor_.unit().empty() ? UnitName("yingbei") : "";
    switch (Pick(10)) {
      case 0: {
        v1::AcknowledgeHelpRequest request;
        request.set_unit(unit);
        decision = AcknowledgeHelp(ticket_, request, Now());
        break;
      }
      case 1: {
        v1::SubmitHelpRequest request;
        request.set_unit(unit);
        decision = SubmitHelp(ticket_, request, Now());
        break;
      }
      case 2: {
        v1::ExplainHelpDelayRequest request;
        request.set_unit(unit);
        decision = ExplainHelpDelay(ticket_, request, Now());
        break;
      }
      case 3: {
        v1::ChangeHelpersRequest request;
        const auto& helpers = ticket_.assignment().helpers();
        *(helpers.empty() ? request.add_add() : request.add_remove()) =
            helpers.empty() ? UnitName("xianfuban") : helpers[0];
        decision = ChangeHelpers(ticket_, request, SampleUnits(), Now());
        break;
      }
      default:
        return;
    }
    if (decision.ok()) {
      EXPECT_EQ(decision->ticket.state(), ticket_.state());
      ++helped_;
      Take(*decision);
    } else {
      EXPECT_FALSE(ReasonOf(decision.status()).empty()) << decision.status();
    }
  }

  absl::StatusOr<Decision> TryReclassify() {
    static constexpr absl::string_view kCategories[] = {"02", "020301", "0204", "0401", "88"};
    v1::ReclassifyTicketRequest request;
    request.set_category(std::string(kCategories[Pick(static_cast<int>(std::size(kCategories)))]));
    request.set_reason("改类别");
    if (Pick(2) == 0) {
      v1::Answer& answer = *request.add_answers();
      answer.set_question("began");
      answer.set_date(ShanghaiDate(now_ - absl::Hours(Pick(5) * 24)));
    }
    return Reclassify(ticket_, request, Now());
  }

  // Of a merged order with one that goes on for it.
  absl::StatusOr<Decision> UrgeAlone() {
    v1::Ticket into = ticket_;
    into.set_state(ticket_.state() == v1::MERGED ? v1::SIGNED : ticket_.state());
    absl::StatusOr<UrgeDecision> urged = UrgeByCaller(ticket_, into, v1::APP, Now());
    if (!urged.ok()) {
      return urged.status();
    }
    EXPECT_EQ(urged->into.has_value(), ticket_.state() == v1::MERGED);
    return std::move(urged->own);
  }

  // What moves no state: desk, telling, urging, rating, category. Returns what was tried.
  absl::StatusOr<Decision> TrySide() {
    v1::VerifyBadRatingRequest verify;
    v1::DecideBadRatingRequest decide;
    v1::Callback callback;
    v1::TellCallerRequest tell;
    switch (Pick(7)) {
      case 0:
        return Assign(ticket_, absl::StrCat("staff-", Pick(3)), "分工", Now());
      case 1:
        tell.set_matter(static_cast<v1::TellingMatter>(1 + Pick(v1::TellingMatter_MAX)));
        tell.set_how(v1::PHONE);
        return TellByHand(ticket_, tell, Now());
      case 2:
        return UrgeAlone();
      case 3:
        callback.set_rating(static_cast<v1::Rating>(1 + Pick(v1::Rating_MAX)));
        return RateByCaller(ticket_, ticket_, callback, Now());
      case 4:
        return VerifyBadRating(ticket_, verify, Now());
      case 5:
        return TryReclassify();
      default:
        decide.set_verdict(static_cast<v1::BadRatingVerdict>(2 + Pick(2)));
        return DecideBadRating(ticket_, decide, Now());
    }
  }

  void SideStep() {
    const absl::StatusOr<Decision> decision = TrySide();
    if (!decision.ok()) {
      EXPECT_FALSE(ReasonOf(decision.status()).empty()) << decision.status();
      EXPECT_NE(decision.status().code(), absl::StatusCode::kInternal) << decision.status();
      return;
    }
    EXPECT_EQ(decision->ticket.state(), ticket_.state());
    sides_.insert(decision->facts.back().fact_case());
    Take(*decision);
  }

  void RaiseByHand() {
    actor_ = MakeActor("staff", "");
    v1::RaiseSupervisionRequest request;
    request.set_level(static_cast<v1::SupervisionLevel>(1 + Pick(8)));
    request.set_document(request.level() == v1::S7_INSPECTION && Pick(2) == 0 ? "督查1号" : "");
    const auto decision = RaiseSupervision(ticket_, request, Now());
    if (decision.ok()) {
      Take(*decision);
    }
  }

  // However often it is done, a clock runs out once and the next alarm lies ahead.
  void RingNow() {
    actor_ = MakeActor("baimi-ticket", "");
    const std::optional<absl::Time> alarm = NextAlarm(ticket_);
    const Decision decision = RingDue(ticket_, Now());
    EXPECT_EQ(!decision.facts.empty(), alarm && *alarm <= now_);
    Take(decision);
    EXPECT_TRUE(RingDue(ticket_, Now()).facts.empty());
    EXPECT_GT(NextAlarm(ticket_).value_or(absl::InfiniteFuture()), now_);
  }

  void Take(const Decision& decided) {
    const Decision decision = Supervised(decided, Now());
    const Decision again = Supervised(decision, Now());
    EXPECT_EQ(again.ticket.SerializeAsString(), decision.ticket.SerializeAsString());
    EXPECT_EQ(again.facts.size(), decision.facts.size()) << "twice is as once";
    EXPECT_GE(decision.ticket.supervision_level(), ticket_.supervision_level());
    for (const v1::TicketFact& fact : decision.facts) {
      EXPECT_EQ(fact.version(), static_cast<int64_t>(facts_.size()) + 1);
      facts_.push_back(fact);
      hung_up_at_[FigureDay(FromProto(fact.time()))] = fact.state() == v1::SUSPENDED;
    }
    const int most = policy_.policy().max_reopens();
    EXPECT_LE(decision.ticket.marks().reopen_count(),
              most == 0 ? decision.ticket.rework_count() : most);
    ticket_ = decision.ticket;
    EXPECT_EQ(VersionOf(ticket_), static_cast<int64_t>(facts_.size()));
  }

  v1::Ticket Replayed() const {
    v1::Ticket row;
    for (const v1::TicketFact& fact : facts_) {
      // As the journal keeps it.
      v1::TicketFact stored;
      EXPECT_TRUE(stored.ParseFromString(fact.SerializeAsString()));
      row = Apply(std::move(row), stored);
    }
    return row;
  }

  void CheckRow() const {
    SCOPED_TRACE(absl::StrCat(v1::TicketState_Name(ticket_.state()), " ", ticket_.etag()));
    std::map<v1::ClockKind, int> open;
    for (const v1::Clock& clock : ticket_.clocks()) {
      open[clock.kind()] += clock.has_stop_time() ? 0 : 1;
      EXPECT_FALSE(clock.rule().empty());
      EXPECT_EQ(clock.policy_version(), 3);
      EXPECT_FALSE(clock.calendar_version().empty());
      EXPECT_TRUE(clock.has_period());
    }
    for (int i = 1; i <= v1::ClockKind_MAX; ++i) {
      const auto kind = static_cast<v1::ClockKind>(i);
      const bool wanted = kind != v1::CONTACT || WantsContactClock(ticket_, policy_.policy());
      EXPECT_EQ(open[kind], wanted && OpenClocks(ticket_.state()).Contains(kind) ? 1 : 0)
          << v1::ClockKind_Name(kind);
    }
    EXPECT_EQ(ticket_.has_close_time(), IsFinal(ticket_.state()));
    const auto questions = QuestionsOf(policy_.policy(), ticket_.category());
    for (const v1::Answer& answer : ticket_.answers()) {
      EXPECT_TRUE(std::any_of(questions.begin(), questions.end(), [&](const v1::Question* one) {
        return one->id() == answer.question();
      })) << answer.question();
    }
    static const auto& mergeable =
        *new std::set<v1::TicketState>{v1::MERGED, v1::CLOSED, v1::ARCHIVED};
    EXPECT_TRUE(ticket_.merged_into().empty() || mergeable.contains(ticket_.state()));
    EXPECT_FALSE(ticket_.merged_into().empty() && ticket_.state() == v1::MERGED);
    CheckLead();
    CheckHelp();
    CheckLadder();
  }

  // The figures say of every day whether the order was hung up at its end.
  void CheckHungUp() {
    const v1::FigureShare share = ShareOfState(ticket_).value_or(v1::FigureShare());
    for (const auto& [day, hung_up] : hung_up_at_) {
      int64_t counted = 0;
      for (const v1::FigureShare& change : share.hung_up()) {
        counted += change.day() <= day ? change.counts().suspended() : 0;
      }
      EXPECT_EQ(counted, hung_up ? 1 : 0) << day;
      hung_up_ += hung_up ? 1 : 0;
    }
  }

  // A part is open only beside a handling clock, at most one a unit, of helpers only.
  void CheckHelp() const {
    std::set<std::string> open_parts;
    const auto& helpers = ticket_.assignment().helpers();
    for (const v1::HelperTask& task : ticket_.helper_tasks()) {
      EXPECT_EQ(IsOpen(task), !task.has_end_time());
      if (task.has_clock()) {
        EXPECT_EQ(IsOpen(task), !task.clock().has_stop_time());
      }
      if (IsOpen(task)) {
        EXPECT_NE(OpenClock(ticket_, v1::HANDLE), nullptr);
        EXPECT_TRUE(open_parts.insert(task.unit()).second);
        EXPECT_NE(std::find(helpers.begin(), helpers.end(), task.unit()), helpers.end());
      }
    }
  }

  // Forward only, nothing open of what is over or merged, no plan without a handling clock.
  void CheckLadder() const {
    int level = 0;
    for (const v1::Supervision& supervision : ticket_.supervisions()) {
      EXPECT_GT(supervision.level(), level);
      level = supervision.level();
      EXPECT_EQ(supervision.has_end_time(), supervision.state() == v1::SUPERVISION_ENDED);
      EXPECT_TRUE(supervision.has_end_time() || MaySupervise(ticket_));
      EXPECT_LE(FromProto(supervision.trigger_time()), FromProto(supervision.raise_time()));
      EXPECT_TRUE(level != v1::S7_INSPECTION || !supervision.document().empty());
    }
    EXPECT_EQ(ticket_.supervision_level(), level);
    const bool runs = OpenClock(ticket_, v1::HANDLE) != nullptr;
    EXPECT_TRUE(runs || !ticket_.has_supervision_plan());
    EXPECT_TRUE(!ticket_.has_supervision_plan() || ticket_.supervision_plan().level() > level);
    if (runs && policy_.policy().supervision_ladder_size() > 0 && level < v1::S4_LISTED) {
      EXPECT_TRUE(ticket_.has_supervision_plan());
    }
  }

  void CheckLead() const {
    static const auto& led = *new std::set<v1::TicketState>{
        v1::DISPATCHED, v1::RETURN_REVIEW, v1::SIGNED,           v1::SUSPENDED,
        v1::REPLIED,    v1::REWORK,        v1::PENDING_CALLBACK, v1::CLOSED};
    if (led.contains(ticket_.state()) && ticket_.merged_into().empty()) {
      EXPECT_FALSE(ticket_.assignment().lead().empty());
    }
    if (ticket_.state() == v1::PENDING_DISPATCH) {
      EXPECT_FALSE(ticket_.has_assignment());
    }
    for (const std::string& helper : ticket_.assignment().helpers()) {
      EXPECT_NE(helper, ticket_.assignment().lead());
    }
  }

  std::mt19937 random_;
  const PolicyInForce& policy_;
  absl::Time now_;
  type::v1::Actor actor_ = MakeActor("staff", "");
  v1::Ticket ticket_;
  std::vector<v1::TicketFact> facts_;
  std::set<int> returned_;
  int helped_ = 0;
  std::set<int> sides_;
  // By day: as the order stood at its end.
  std::map<int32_t, bool> hung_up_at_;
  int hung_up_ = 0;
};

TEST(Property, RandomLives_KeepTheInvariantsAndReplayToTheRow) {
  std::set<Row> done;
  int helped = 0;
  int hung_up = 0;
  std::set<int> sides;
  for (unsigned seed = 0; seed < kSequences && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Life life(seed);
    life.Run(done);
    helped += life.helped();
    hung_up += life.hung_up();
    sides.insert(life.sides().begin(), life.sides().end());
  }
  for (const int kind : {v1::TicketFact::kAssigneeChanged, v1::TicketFact::kCallerTold,
                         v1::TicketFact::kCallerUrged, v1::TicketFact::kBadRatingMoved,
                         v1::TicketFact::kCallbackRecorded, v1::TicketFact::kReclassified}) {
    EXPECT_TRUE(sides.contains(kind)) << "never happened: fact " << kind;
  }
  EXPECT_GT(helped, 500);
  EXPECT_GT(hung_up, 0);
  for (const Transition& row : Transitions()) {
    if (HasVerb(row.command) && !PassedThrough(row.from)) {
      EXPECT_TRUE(done.contains({row.from, row.command}))
          << "never happened: " << v1::TicketState_Name(row.from) << " " << Name(row.command);
    }
  }
}

}  // namespace
}  // namespace baimi::ticket::domain
