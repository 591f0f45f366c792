// Duplicates before filing, search by words and place, and one verb for many orders, through the
// suite's doors.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/search_service.grpc.pb.h"
#include "common/base/error.h"
#include "tests/integration/suite_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using ticket::v1::Ticket;
using Search = ticket::v1::TicketSearchService::Stub;
using Stub = ticket::v1::TicketService::Stub;

class SearchTest : public SuiteTest {
 protected:
  Ticket FileBy(absl::string_view phone, absl::string_view title = "电梯停运三天",
                ticket::v1::TicketType type = ticket::v1::HELP, absl::string_view subject = "") {
    auto request = LiftRequest("");
    request.mutable_ticket()->mutable_caller()->set_phone(std::string(phone));
    request.mutable_ticket()->set_title(std::string(title));
    request.mutable_ticket()->set_type(type);
    request.mutable_ticket()->set_subject_unit(std::string(subject));
    return File(request);
  }

  static ticket::v1::FindDuplicatesRequest Draft(absl::string_view phone,
                                                 absl::string_view title = "电梯停运三天") {
    const Ticket ticket = LiftRequest("").ticket();
    ticket::v1::FindDuplicatesRequest request;
    request.set_parent(kCounty);
    ticket::v1::DuplicateDraft& draft = *request.mutable_draft();
    draft.set_category(ticket.category());
    draft.set_title(std::string(title));
    draft.set_description(ticket.description());
    draft.set_caller_phone(std::string(phone));
    draft.set_type(ticket::v1::HELP);
    draft.mutable_place()->set_address(ticket.place().address());
    return request;
  }

  ticket::v1::FindDuplicatesResponse Find(const ticket::v1::FindDuplicatesRequest& request,
                                          const std::string& key = "clerk") {
    const auto found = As(key)(&Search::FindDuplicates, request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(ticket::v1::FindDuplicatesResponse());
  }

  void Index() {
    absl::StatusOr<int64_t> indexed = suite().IndexSearch();
    for (int i = 0; i < 100 && !indexed.ok(); ++i) {
      indexed = suite().IndexSearch();
    }
    EXPECT_TRUE(indexed.ok()) << indexed.status();
  }

  std::vector<std::string> Query(ticket::v1::QueryTicketsRequest request,
                                 const std::string& key = "clerk") {
    request.set_parent(kCounty);
    std::vector<std::string> names;
    do {
      const auto page = As(key)(&Search::QueryTickets, request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) {
        break;
      }
      EXPECT_EQ(page->as_of_seq(), Head());
      for (const Ticket& ticket : page->tickets()) {
        names.push_back(ticket.name());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  absl::StatusOr<Ticket> RejectRepeat(const std::string& name, const std::string& earlier) {
    ticket::v1::RejectTicketRequest request;
    request.set_name(name);
    request.mutable_refusal()->set_code(ticket::v1::REPEAT_WITHOUT_NEW_FACTS);
    request.mutable_refusal()->set_reason("同一事项正在办理，已告知进度");
    request.mutable_refusal()->set_earlier_ticket(earlier);
    return As("clerk")(&Stub::RejectTicket, request);
  }
};

TEST_F(SearchTest, Duplicates_BeforeFiling_AreX3ForTheSameCallerAndMergeForOthers) {
  const Ticket first = FileBy("13800138001");
  const Ticket second = FileBy("13800138002");
  Index();
  const Ticket fresh = FileBy("13800138003");

  const auto other = Find(Draft("13900000009", "电梯停运了三天没人修"));
  ASSERT_EQ(other.candidates_size(), 3) << "also what was filed a moment ago";
  EXPECT_EQ(other.merge_into(), first.name()) << "the earliest that goes on";
  for (const auto& candidate : other.candidates()) {
    EXPECT_EQ(candidate.advice(), ticket::v1::MERGE);
    EXPECT_TRUE(candidate.score().same_grid());
    EXPECT_EQ(candidate.ticket().caller().phone(),
              "138****800" + candidate.ticket().name().substr(candidate.ticket().name().size() - 1))
        << "masked as the caller's rights say";
  }

  const auto same = Find(Draft("138 0013 8002"));
  ASSERT_GE(same.candidates_size(), 1);
  EXPECT_EQ(same.candidates(0).ticket().name(), second.name());
  EXPECT_EQ(same.candidates(0).advice(), ticket::v1::TELL_PROGRESS);
  EXPECT_EQ(same.candidates(0).score().caller(), 1);
  EXPECT_THAT(same.candidates(0).explanation(same.candidates(0).explanation_size() - 1),
              HasSubstr("X3"));

  auto noise = Draft("13900000009", "夜间噪声扰民");
  noise.mutable_draft()->clear_description();
  EXPECT_THAT(Find(noise).candidates(), IsEmpty());

  ticket::v1::FindDuplicatesRequest filed;
  filed.set_parent(kCounty);
  filed.set_ticket(fresh.name());
  EXPECT_EQ(Find(filed).candidates_size(), 2) << "not itself";
  for (const std::string& name : {first.name(), second.name(), fresh.name()}) {
    EXPECT_EQ(Get(name).state(), ticket::v1::PENDING_DISPATCH) << "a person decides";
  }
}

TEST_F(SearchTest, Duplicates_OfAReport_AreReportsAboutTheSameUnitOnly) {
  const std::string unit = "counties/469030/units/chengguanju";
  FileBy("13800138001", "电梯停运三天", ticket::v1::REPORT, unit);
  FileBy("13800138002", "电梯停运三天", ticket::v1::REPORT, kLead);
  FileBy("13800138003");
  EXPECT_EQ(Find(Draft("13900000009")).candidates_size(), 1);
  auto report = Draft("13900000009");
  report.mutable_draft()->set_type(ticket::v1::REPORT);
  report.mutable_draft()->set_subject_unit(unit);
  const auto found = Find(report);
  ASSERT_EQ(found.candidates_size(), 1);
  EXPECT_EQ(found.candidates(0).ticket().subject_unit(), unit);
}

TEST_F(SearchTest, Repeat_MustNameAnEarlierOrderOfTheSameCaller) {
  const Ticket first = FileBy("13800138001");
  const Ticket other = FileBy("13800138002");
  const Ticket again = FileBy("13800138001");
  for (const std::string& wrong :
       {other.name(), std::string("counties/469030/tickets/20250101-000001")}) {
    EXPECT_EQ(ReasonOf(RejectRepeat(again.name(), wrong).status()), "REFUSAL_INCOMPLETE") << wrong;
  }
  const auto rejected = RejectRepeat(again.name(), first.name());
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->state(), ticket::v1::REJECTED);
}

TEST_F(SearchTest, Query_ByWords_FindsMaskedOrdersInScopePageByPage) {
  std::vector<std::string> lifts;
  for (int i = 1; i <= 5; ++i) {
    lifts.insert(lifts.begin(), FileBy(absl::StrCat("1380013800", i)).name());
  }
  const std::string noise = FileBy("13800138009", "夜间噪声扰民").name();
  Index();
  ticket::v1::QueryTicketsRequest request;
  request.set_text("电梯停运");
  request.set_page_size(2);
  EXPECT_EQ(Query(request), lifts);
  request.set_text("上下楼 噪声");
  EXPECT_THAT(Query(request), ElementsAre(noise));
  request.set_text("电梯");
  EXPECT_THAT(Query(request, "unit-zhujianju"), IsEmpty()) << "rows of others";
  Advance(Get(lifts[2]));
  Index();
  EXPECT_THAT(Query(request, "unit-zhujianju"), ElementsAre(lifts[2]));

  request.set_parent(kCounty);
  const auto page = As("clerk")(&Search::QueryTickets, request);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->tickets(0).caller().phone(), HasSubstr("****"));
  request.set_text("！");
  EXPECT_TRUE(absl::IsInvalidArgument(As("clerk")(&Search::QueryTickets, request).status()));
}

TEST_F(SearchTest, Query_NearAPoint_OverHttp) {
  auto request = LiftRequest("");
  request.mutable_ticket()->mutable_place()->mutable_point()->set_latitude(19.0365);
  request.mutable_ticket()->mutable_place()->mutable_point()->set_longitude(109.8365);
  const std::string name = File(request).name();
  Index();
  const auto at = [&](const char* latitude) {
    return Http("POST", absl::StrCat("/v1/", kCounty, "/tickets:query"),
                absl::StrCat(R"({"near":{"latitude":)", latitude, R"(,"longitude":109.8365}})"),
                "clerk");
  };
  EXPECT_THAT(at("19.037").body, HasSubstr(name));
  EXPECT_THAT(at("19.137").body, testing::Not(HasSubstr(name)));
}

TEST_F(SearchTest, Bulk_DispatchesEachByItselfAndTellsWhatBecameOfIt) {
  const Ticket a = FileBy("13800138001");
  const Ticket b = FileUpTo(ticket::v1::SIGNED);
  const Ticket c = FileBy("13800138003");
  ticket::v1::BulkTicketsRequest request;
  request.set_parent(kCounty);
  request.set_request_id("bulk-1");
  for (const std::string& name :
       {a.name(), b.name(), std::string("counties/469030/tickets/20250101-000001"), c.name()}) {
    request.add_items()->set_name(name);
  }
  request.mutable_dispatch();
  const auto done = As("clerk")(&Search::BulkTickets, request);
  ASSERT_TRUE(done.ok()) << done.status();
  ASSERT_EQ(done->results_size(), 4);
  EXPECT_EQ(done->succeeded(), 2);
  EXPECT_EQ(done->results(0).state(), ticket::v1::DISPATCHED);
  EXPECT_EQ(done->results(0).lead(), kLead);
  EXPECT_EQ(done->results(1).reason(), "ILLEGAL_TRANSITION");
  EXPECT_THAT(done->results(1).message_zh(), testing::Not(IsEmpty()));
  EXPECT_EQ(done->results(2).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Get(c.name()).etag(), done->results(3).etag());
  EXPECT_EQ(Get(b.name()).etag(), b.etag()) << "untouched";

  const int64_t head = Head();
  const auto again = As("clerk")(&Search::BulkTickets, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), done->SerializeAsString());
  EXPECT_EQ(Head(), head);

  request.set_request_id("bulk-2");
  *request.add_items() = request.items(0);
  EXPECT_TRUE(absl::IsInvalidArgument(As("clerk")(&Search::BulkTickets, request).status()));
}

TEST_F(SearchTest, Bulk_ClosesDuplicatesIntoOneOrderWithTheirOwnFacts) {
  const Ticket into = FileUpTo(ticket::v1::SIGNED);
  std::vector<Ticket> same;
  ticket::v1::BulkTicketsRequest request;
  request.set_parent(kCounty);
  request.mutable_merge()->set_into(into.name());
  for (int i = 1; i <= 3; ++i) {
    same.push_back(FileBy(absl::StrCat("1380013800", i)));
    request.add_items()->set_name(same.back().name());
  }
  request.mutable_items(1)->set_etag("v77");
  request.add_items()->set_name(into.name());
  const auto done = As("clerk")(&Search::BulkTickets, request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->succeeded(), 2);
  EXPECT_EQ(done->results(1).reason(), "ETAG_MISMATCH");
  EXPECT_FALSE(done->results(3).reason().empty()) << "into itself";
  EXPECT_EQ(Get(into.name()).merged_count(), 2);
  EXPECT_EQ(Get(same[1].name()).state(), ticket::v1::PENDING_DISPATCH);
  ticket::v1::ListTicketEventsRequest events;
  events.set_parent(same[2].name());
  const auto history = As("clerk")(&Stub::ListTicketEvents, events);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->events(history->events_size() - 1).fact().merged().into(), into.name());
}

TEST_F(SearchTest, PublicKeys_MayNotProbeWhatTheyMayNotRead) {
  ticket::v1::QueryTicketsRequest query;
  query.set_parent(kCounty);
  query.set_text("电梯");
  const Caller blind = As("blind-clerk");
  EXPECT_EQ(ReasonOf(blind(&Search::QueryTickets, query).status()), "SEARCH_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(blind(&Search::FindDuplicates, Draft("13800138001")).status()),
            "SEARCH_NOT_ALLOWED");
  EXPECT_TRUE(absl::IsPermissionDenied(As("resident")(&Search::QueryTickets, query).status()));
}

}  // namespace
}  // namespace baimi::integration
