// Every list filter against the plain way: look at all orders.
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using ticket::v1::ListTicketsRequest;
using ticket::v1::Ticket;
using Stub = ticket::v1::TicketService::Stub;

constexpr const char* kAddresses[] = {"珉华小区3栋", "国兴社区集市旁", "湾岭镇水央村", "某处", ""};
constexpr const char* kPhones[] = {"13800138000", "13900139001", "089886222222"};
constexpr const char* kCategories[] = {"020301", "0204", "0401", "0402", "09"};

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

bool HandlingDueBefore(const Ticket& ticket, absl::Time limit) {
  for (const ticket::v1::Clock& clock : ticket.clocks()) {
    if (clock.kind() == ticket::v1::HANDLE && !clock.has_stop_time() &&
        TimeOf(clock.due_time()) < limit) {
      return true;
    }
  }
  return false;
}

using Predicate = std::function<bool(const Ticket&)>;

struct Filter {
  std::string text;
  Predicate fits;
};

class FiltersTest : public SuiteTest {
 protected:
  void SetUp() override {
    SuiteTest::SetUp();
    std::mt19937 random(12345);
    for (int i = 0; i < 60; ++i) {
      FileOne(random);
      clock().Advance(absl::Minutes(static_cast<int64_t>(random() % 180)));
    }
    const auto all = List("");
    ASSERT_EQ(all.size(), 60);
    for (const Ticket& ticket : all) {
      all_.push_back(ticket);
    }
  }

  void FileOne(std::mt19937& random) {
    auto request = LiftRequest("");
    Ticket& ticket = *request.mutable_ticket();
    ticket.set_type(static_cast<ticket::v1::TicketType>(random() % 5 + 1));
    ticket.set_channel(static_cast<ticket::v1::Channel>(random() % 10 + 1));
    ticket.set_category(kCategories[random() % 5]);
    ticket.mutable_caller()->set_phone(kPhones[random() % 3]);
    ticket.mutable_place()->set_address(kAddresses[random() % 5]);
    const Ticket filed = File(request);
    phones_[filed.name()] = request.ticket().caller().phone();
    Ticket now = filed;
    // Those whose unit the county does not have stay where they are.
    if (!filed.place().grid().empty() && filed.category() != "0401" && filed.category() != "0402") {
      for (size_t steps = random() % 8; steps > 0; --steps) {
        now = Advance(now);
      }
    }
  }

  std::vector<Ticket> List(const std::string& filter, int page_size = 7) {
    auto request = Text<ListTicketsRequest>(absl::StrCat("parent: \"counties/469030\" ", filter));
    request.set_page_size(page_size);
    std::vector<Ticket> tickets;
    do {
      const auto page = As("admin")(&Stub::ListTickets, request);
      EXPECT_TRUE(page.ok()) << filter << ": " << page.status();
      if (!page.ok()) {
        break;
      }
      tickets.insert(tickets.end(), page->tickets().begin(), page->tickets().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return tickets;
  }

  static std::string Names(const std::vector<Ticket>& tickets) {
    return absl::StrJoin(tickets, "\n", [](std::string* out, const Ticket& ticket) {
      absl::StrAppend(out, ticket.name());
    });
  }

  std::vector<Filter> Filters() const;

  std::vector<Ticket> all_;
  std::map<std::string, std::string> phones_;
};

std::string Seconds(const char* field, absl::Time time) {
  return absl::StrCat(field, " { seconds: ", absl::ToUnixSeconds(time), " }");
}

std::vector<Filter> FiltersTest::Filters() const {
  const absl::Time middle = TimeOf(all_[30].create_time());
  const absl::Time later = TimeOf(all_[10].create_time());
  const absl::Time due = later + absl::Hours(24 * 6);
  return {
      {"states: SIGNED", [](const Ticket& t) { return t.state() == ticket::v1::SIGNED; }},
      {"states: DISPATCHED states: CLOSED states: ARCHIVED",
       [](const Ticket& t) {
         return t.state() == ticket::v1::DISPATCHED || t.state() == ticket::v1::CLOSED ||
                t.state() == ticket::v1::ARCHIVED;
       }},
      {"type: COMPLAINT", [](const Ticket& t) { return t.type() == ticket::v1::COMPLAINT; }},
      {"channel: WECHAT", [](const Ticket& t) { return t.channel() == ticket::v1::WECHAT; }},
      {"category: \"02\"", [](const Ticket& t) { return absl::StartsWith(t.category(), "02"); }},
      {"category: \"0204\"", [](const Ticket& t) { return t.category() == "0204"; }},
      {absl::StrCat("lead: \"", kLead, "\""),
       [](const Ticket& t) { return t.assignment().lead() == kLead; }},
      {absl::StrCat("grid: \"", kGrid, "\""),
       [](const Ticket& t) { return t.place().grid() == kGrid; }},
      {"subtree: \"469030100003\"",
       [](const Ticket& t) { return absl::EndsWith(t.place().area(), "/469030100003"); }},
      {"subtree: \"469030100000\"",
       [](const Ticket& t) { return absl::StrContains(t.place().area(), "/469030100"); }},
      {Seconds("filed_from", middle),
       [=](const Ticket& t) { return TimeOf(t.create_time()) >= middle; }},
      {Seconds("filed_before", later),
       [=](const Ticket& t) { return TimeOf(t.create_time()) < later; }},
      {Seconds("due_before", due), [=](const Ticket& t) { return HandlingDueBefore(t, due); }},
  };
}

TEST_F(FiltersTest, Filter_Each_GivesWhatLookingAtAllGives) {
  int found = 0;
  for (const Filter& filter : Filters()) {
    std::vector<Ticket> expected;
    std::copy_if(all_.begin(), all_.end(), std::back_inserter(expected), filter.fits);
    found += expected.empty() ? 0 : 1;
    EXPECT_EQ(Names(List(filter.text)), Names(expected)) << filter.text;
  }
  // The data would prove nothing otherwise.
  EXPECT_EQ(found, static_cast<int>(Filters().size()));
}

TEST_F(FiltersTest, Search_CallerPhone_GivesTheOrdersOfThatNumber) {
  for (const char* phone : {"139-0013-9001", "0898-86222222", "13700137000"}) {
    ticket::v1::SearchTicketsRequest request;
    request.set_parent(kCounty);
    request.set_caller_phone(phone);
    const auto found = As("admin")(&Stub::SearchTickets, request);
    ASSERT_TRUE(found.ok()) << found.status();
    std::string digits = phone;
    digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
    std::vector<Ticket> expected;
    std::copy_if(all_.begin(), all_.end(), std::back_inserter(expected),
                 [&](const Ticket& t) { return phones_.at(t.name()) == digits; });
    EXPECT_EQ(Names({found->tickets().begin(), found->tickets().end()}), Names(expected)) << phone;
    EXPECT_EQ(expected.empty(), digits == "13700137000");
  }
}

TEST_F(FiltersTest, Filter_EachPair_IsBoth) {
  const std::vector<Filter> filters = Filters();
  for (size_t a = 0; a < filters.size(); ++a) {
    for (size_t b = a + 1; b < filters.size(); ++b) {
      const std::string field_a = filters[a].text.substr(0, filters[a].text.find_first_of(": "));
      if (absl::StartsWith(filters[b].text, field_a)) {
        continue;
      }
      std::vector<Ticket> expected;
      std::copy_if(all_.begin(), all_.end(), std::back_inserter(expected),
                   [&](const Ticket& t) { return filters[a].fits(t) && filters[b].fits(t); });
      const std::string text = absl::StrCat(filters[a].text, " ", filters[b].text);
      EXPECT_EQ(Names(List(text, 50)), Names(expected)) << text;
    }
  }
}

}  // namespace
}  // namespace baimi::integration
