// Holiday notices that come after the orders whose deadlines depend on them.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/testing_order.h"
#include "services/ticket/notices.h"
#include "tests/integration/suite_fixture.h"
#include "tests/integration/watch.h"

namespace baimi::integration {
namespace {

using testing::HasSubstr;
using ticket::domain::At;
using ticket::v1::Clock;
using ticket::v1::Ticket;
using ticket::v1::TicketPolicyService;
using ticket::v1::TicketService;

// The handling clock: five working days in the sample policy.
const Clock& Handling(const Ticket& ticket) {
  for (const Clock& clock : ticket.clocks()) {
    if (clock.kind() == ticket::v1::HANDLE) {
      return clock;
    }
  }
  ADD_FAILURE() << "no handling clock: " << ticket.ShortDebugString();
  return Clock::default_instance();
}

absl::Time DueOf(const Ticket& ticket) {
  return ticket::domain::FromProto(Handling(ticket).due_time());
}

class NoticesTest : public SuiteTest {
 protected:
  // The built-in data and a notice for 2027: 1 to 3 January off, the Saturday before made up for.
  std::string NoticeFile() {
    std::ostringstream text;
    text << std::ifstream("deploy/sample/data/holidays.json").rdbuf();
    std::string path = data().File("holidays-2027.json");
    std::ofstream(path) << absl::StrReplaceAll(text.str(),
                                               {{"\"2026-10-10\"\n   ]\n  }",
                                                 "\"2026-10-10\",\n    \"2026-12-26\"\n   ]\n  },\n"
                                                 "  \"2027\": {\"off\": [\"2027-01-01\"],\n"
                                                 "   \"makeup\": []}"}});
    return path;
  }

  void RestartWith(const std::string& holidays) {
    StopSuite();
    options().ticket.holidays = holidays;
    StartSuite();
  }

  std::vector<ticket::v1::TicketEvent> Recomputed(const std::string& name) {
    ticket::v1::ListTicketEventsRequest request;
    request.set_parent(name);
    const auto events = As("admin")(&TicketService::Stub::ListTicketEvents, request);
    EXPECT_TRUE(events.ok()) << events.status();
    std::vector<ticket::v1::TicketEvent> found;
    for (const ticket::v1::TicketEvent& event : events->events()) {
      if (event.fact().deadline_recomputed().kind() == ticket::v1::HANDLE) {
        found.push_back(event);
      }
    }
    return found;
  }

  Ticket FileAt(const char* time) {
    clock().AdvanceTo(At(time));
    return FileUpTo(ticket::v1::DISPATCHED);
  }
};

TEST_F(NoticesTest, NationalNotice_LoadedLater_MovesTheProvisionalDeadline) {
  const Ticket order = FileAt("2026-12-28 10:00");
  EXPECT_TRUE(Handling(order).provisional());
  // 29, 30, 31 December, and by the plain week 1 and 4 January.
  EXPECT_EQ(DueOf(order), At("2027-01-05 00:00"));
  RestartWith(NoticeFile());
  const Ticket moved = Get(order.name());
  EXPECT_EQ(DueOf(moved), At("2027-01-06 00:00"));
  EXPECT_FALSE(Handling(moved).provisional());
  EXPECT_NE(Handling(moved).calendar_version(), Handling(order).calendar_version());
  EXPECT_NE(moved.etag(), order.etag());
  const auto events = Recomputed(order.name());
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].fact().deadline_recomputed().calendar_version(),
            Handling(moved).calendar_version());
  EXPECT_EQ(events[0].actor().id(), "baimi-ticket");
  RestartWith(NoticeFile());
  EXPECT_EQ(Recomputed(order.name()).size(), 1U) << "firm now";
}

TEST_F(NoticesTest, NationalNotice_LoadedAfterTheDeadline_MovesNothing) {
  const Ticket order = FileAt("2026-12-28 10:00");
  clock().AdvanceTo(At("2027-01-05 00:00"));
  RestartWith(NoticeFile());
  EXPECT_EQ(Get(order.name()).SerializeAsString(), order.SerializeAsString());
  EXPECT_TRUE(Recomputed(order.name()).empty());
}

TEST_F(NoticesTest, LastWeekOfTheData_IsProvisionalForTheNextNoticeMayChangeIt) {
  // Ends on the 24th: nothing that a notice could reach.
  const Ticket firm = FileAt("2026-12-17 10:00");
  EXPECT_EQ(DueOf(firm), At("2026-12-25 00:00"));
  EXPECT_FALSE(Handling(firm).provisional());
  const Ticket order = FileAt("2026-12-21 10:00");
  EXPECT_EQ(DueOf(order), At("2026-12-29 00:00"));
  EXPECT_TRUE(Handling(order).provisional());
  RestartWith(NoticeFile());
  // Saturday the 26th is a working day now.
  EXPECT_EQ(DueOf(Get(order.name())), At("2026-12-27 00:00"));
  EXPECT_EQ(Get(firm.name()).SerializeAsString(), firm.SerializeAsString());
}

TEST_F(NoticesTest, CountyNotice_InANewPolicy_MovesItAtOnce) {
  const Ticket order = FileAt("2026-12-28 10:00");
  const Ticket firm = FileUpTo(ticket::v1::CLOSED);
  Watch watch(As("admin"), "");
  ASSERT_TRUE(watch.Next().has_value()) << watch.End();

  ticket::v1::CreateTicketPolicyRequest policy;
  policy.set_parent(kCounty);
  *policy.mutable_ticket_policy() = ticket::domain::SamplePolicy();
  policy.mutable_ticket_policy()->clear_effective_time();
  auto& day = *policy.mutable_ticket_policy()->add_calendar_days();
  day.set_date("2027-01-04");
  day.set_document("琼中府办〔2026〕示例");
  clock().Advance(absl::Hours(1));
  const auto created = As("admin")(&TicketPolicyService::Stub::CreateTicketPolicy, policy);
  ASSERT_TRUE(created.ok()) << created.status();

  ticket::v1::TicketEvent event;
  do {
    event = watch.NextEvent();
  } while (!event.ticket().empty() && !event.fact().has_deadline_recomputed());
  EXPECT_EQ(event.ticket(), order.name());
  const Ticket moved = Get(order.name());
  EXPECT_EQ(DueOf(moved), At("2027-01-06 00:00"));
  EXPECT_TRUE(Handling(moved).provisional()) << "the nation's notice is still to come";
  EXPECT_TRUE(Recomputed(firm.name()).empty());
}

TEST_F(NoticesTest, File_ThatIsNone_StopsTheStart) {
  const auto fails_with = [](const std::string& path, const std::string& text) {
    EXPECT_THAT(std::string(ticket::LoadHolidays(path).status().message()), HasSubstr(text));
  };
  fails_with("/nowhere/holidays.json", "/nowhere/holidays.json");
  const std::string path = data().File("bad.json");
  std::ofstream(path) << R"({"years": {"2027": {"off": ["2027-02-30"], "makeup": []}}})";
  fails_with(path, "holidays.years.2027.off[0]");
  std::ofstream(path) << R"({"years": {"2027": {"off": [], "makeup": []}}})";
  fails_with(path, "want at least 2004-01-01 to 2026-12-31");
  StopSuite();
  options().ticket.holidays = path;
  const std::unique_ptr<Rng> rng = NewSeededRng(1);
  auto secrets = process::Secrets::Load(data().secrets(), &clock());
  ASSERT_TRUE(secrets.ok()) << secrets.status();
  EXPECT_FALSE(
      suite::Suite::Start(options(), data().databases(), *std::move(secrets), &clock(), rng.get())
          .ok());
}

}  // namespace
}  // namespace baimi::integration
