// 月度公开 through the doors: counted, approved by another person, read by everybody, corrected.
#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "baimi/ticket/v1/publication_service.grpc.pb.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/publication.h"
#include "tests/integration/publishing_fixture.h"

namespace baimi::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using ticket::domain::CountKey;
using ticket::v1::Publication;
using ticket::v1::Ticket;

constexpr char kNovember[] = "counties/469030/publications/2026-11-1";
constexpr char kCorrected[] = "counties/469030/publications/2026-11-2";

class PublicationsTest : public PublishingTest {
 protected:
  void FileSome(int orders, ticket::v1::Channel channel, const std::string& category = "") {
    for (int i = 0; i < orders; ++i) {
      ticket::v1::CreateTicketRequest request = LiftRequest("");
      request.mutable_ticket()->set_channel(channel);
      if (!category.empty()) {
        request.mutable_ticket()->set_category(category);
        request.mutable_ticket()->clear_answers();
      }
      File(request);
    }
  }
  void Count() {
    absl::StatusOr<int64_t> counted = suite().CountFigures();
    for (int i = 0; i < 100 && !counted.ok(); ++i) {
      counted = suite().CountFigures();
    }
    EXPECT_TRUE(counted.ok()) << counted.status();
  }
  http::testing::ClientResponse Prepare(const std::string& month,
                                        const std::string& key = "clerk") {
    Count();
    return Post("counties/469030/publications:prepare",
                absl::StrCat(R"({"month":")", month, R"("})"), key);
  }
  Publication Published(const std::string& month, const std::string& name) {
    const auto prepared = Prepare(month);
    EXPECT_EQ(prepared.status, 200) << prepared.body;
    const auto approved = Post(name + ":approve", "{}", "admin");
    EXPECT_EQ(approved.status, 200) << approved.body;
    return FromJson<Publication>(approved.body);
  }
  Publication Get(const std::string& name, const std::string& key = "clerk") {
    const auto answer = Read(name, key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? FromJson<Publication>(answer.body) : Publication();
  }
  // Names.
  std::vector<std::string> Listed(const std::string& key) {
    const auto answer = Read("counties/469030/publications", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> names;
    const auto list = FromJson<ticket::v1::ListPublicationsResponse>(answer.body);
    for (const Publication& one : list.publications()) {
      names.push_back(one.name());
    }
    return names;
  }
  void NextMonth(int month) {
    clock().Advance(absl::FromCivil(absl::CivilDay(2026, month, 2), ShanghaiZone()) -
                    clock().Now());
  }

  static std::map<CountKey, std::optional<int64_t>> Counts(const Publication& publication) {
    std::map<CountKey, std::optional<int64_t>> counts;
    for (const ticket::v1::PublishedCount& count : publication.figures().counts()) {
      counts[ticket::domain::KeyOf(count)] =
          count.has_count() ? std::make_optional(count.count()) : std::nullopt;
    }
    return counts;
  }
  // Every metric of the orders of November, from the orders themselves.
  std::map<CountKey, int64_t> CountedByHand() {
    ticket::v1::ListTicketsRequest list;
    list.set_parent(kCounty);
    list.set_page_size(1000);
    const auto tickets = As("admin")(&ticket::v1::TicketService::Stub::ListTickets, list);
    EXPECT_TRUE(tickets.ok()) << tickets.status();
    std::map<CountKey, int64_t> counts;
    for (const Ticket& one : tickets->tickets()) {
      counts[{.metric = ticket::v1::METRIC_FILED}] += 1;
      counts[{.metric = ticket::v1::METRIC_FILED, .channel = one.channel()}] += 1;
      counts[{.metric = ticket::v1::METRIC_FILED, .category = one.category().substr(0, 4)}] += 1;
      const auto share = ticket::domain::ShareOfState(one);
      if (share && share->day() / 100 == 202611) {
        counts[{.metric = ticket::v1::METRIC_DUE}] += share->counts().due();
        counts[{.metric = ticket::v1::METRIC_CLOSED}] += share->counts().closed();
      }
    }
    return counts;
  }
  static void ExpectAsCounted(const Publication& publication,
                              const std::map<CountKey, int64_t>& by_hand) {
    const auto counts = Counts(publication);
    for (const auto& [key, count] : by_hand) {
      const auto found = counts.find(key);
      const std::string text = ticket::domain::CountWithout(key).ShortDebugString();
      ASSERT_TRUE(found != counts.end() || count == 0) << text;
      if (found != counts.end() && found->second) {
        EXPECT_EQ(*found->second, count) << text;
      }
      EXPECT_FALSE(found != counts.end() && found->second && count > 0 && count < 5) << text;
    }
  }
};

TEST_F(PublicationsTest, Published_ByTwoPeople_IsReadByEverybody) {
  FileSome(12, ticket::v1::PHONE);
  FileSome(3, ticket::v1::APP);
  FileSome(8, ticket::v1::WECHAT);
  const auto early = Prepare("2026-11");
  EXPECT_EQ(early.status, 400);
  EXPECT_THAT(early.body, HasSubstr("PUBLICATION_STATE"));
  EXPECT_EQ(Prepare("2026-13").status, 400);
  NextMonth(12);
  EXPECT_EQ(Prepare("2026-11", "webpage").status, 403);
  EXPECT_EQ(Prepare("2026-11", "township").status, 404) << "not who sees a part only";

  const auto prepared = Prepare("2026-11");
  ASSERT_EQ(prepared.status, 200) << prepared.body;
  const auto draft = FromJson<Publication>(prepared.body);
  EXPECT_EQ(draft.name(), kNovember);
  EXPECT_EQ(draft.state(), ticket::v1::PUBLICATION_DRAFT);
  EXPECT_EQ(draft.figures().min_count(), 5);
  EXPECT_EQ(draft.figures().policy_version(), 2);
  EXPECT_LE(draft.figures().as_of_seq(), Head());
  EXPECT_GT(draft.figures().as_of_seq(), 0);
  EXPECT_EQ(Read(kNovember, "webpage").status, 404) << "a draft";
  EXPECT_THAT(Listed("webpage"), IsEmpty());

  const auto update = [&](const std::string& body) {
    return Http("PATCH", absl::StrCat("/v1/", kNovember), body, "clerk");
  };
  EXPECT_THAT(update(R"({"preface":"联系人电话 138 0000 1001"})").body,
              HasSubstr("PERSONAL_DATA_IN_TEXT"));
  EXPECT_THAT(update(R"({"cases":[{"title":"电梯","text":"身份证460036199001011234",)"
                     R"("category":"0203"}]})")
                  .body,
              HasSubstr("PERSONAL_DATA_IN_TEXT"));
  const auto written =
      update(R"({"preface":"本月情况，咨询请拨12345。","cases":[{"title":"电梯停运",)"
             R"("text":"住建局会同社区两日内修复。","category":"020301"}]})");
  ASSERT_EQ(written.status, 200) << written.body;

  const auto own = Post(absl::StrCat(kNovember, ":approve"), "{}");
  EXPECT_EQ(own.status, 403);
  EXPECT_THAT(own.body, HasSubstr("PREPARER_MAY_NOT_APPROVE"));
  const auto approved = Post(absl::StrCat(kNovember, ":approve"), "{}", "admin");
  ASSERT_EQ(approved.status, 200) << approved.body;

  const Publication seen = Get(kNovember, "webpage");
  EXPECT_EQ(seen.state(), ticket::v1::PUBLICATION_PUBLISHED);
  EXPECT_TRUE(seen.preparers().empty());
  EXPECT_FALSE(seen.has_approver());
  EXPECT_EQ(Get(kNovember).approver().id(), "admin");
  EXPECT_EQ(seen.sha256(), ticket::domain::ContentHash(seen));
  EXPECT_EQ(seen.cases(0).title(), "电梯停运");
  EXPECT_FALSE(seen.has_previous());
  EXPECT_FALSE(seen.figures().formulas().empty());
  const auto counts = Counts(seen);
  EXPECT_EQ(counts.at({.metric = ticket::v1::METRIC_FILED}), 23);
  EXPECT_EQ(counts.at({.metric = ticket::v1::METRIC_FILED, .channel = ticket::v1::APP}),
            std::nullopt);
  EXPECT_EQ(counts.at({.metric = ticket::v1::METRIC_FILED, .category = "0203"}), 23);
  EXPECT_EQ(counts.at({.metric = ticket::v1::METRIC_FILED, .area = "469030100003"}), 23);
  EXPECT_THAT(seen.figures().top_categories(), ElementsAre("0203"));
  ExpectAsCounted(seen, CountedByHand());
  EXPECT_THAT(Listed("webpage"), ElementsAre(kNovember));
  EXPECT_THAT(update(R"({"preface":"改写"})").body, HasSubstr("PUBLICATION_STATE"));
  EXPECT_THAT(Prepare("2026-11").body, HasSubstr("PUBLICATION_STATE")) << "correct it";
}

TEST_F(PublicationsTest, Correction_TakesThePlaceAndWithholdsWhatWasWithheld) {
  FileSome(4, ticket::v1::APP);
  std::vector<Ticket> signed_orders;
  for (int i = 0; i < 9; ++i) {
    signed_orders.push_back(FileUpTo(ticket::v1::SIGNED));
  }
  NextMonth(12);
  const Publication first = Published("2026-11", kNovember);
  auto by_hand = CountedByHand();
  ASSERT_EQ(by_hand[{.metric = ticket::v1::METRIC_DUE}], 9);
  ExpectAsCounted(first, by_hand);
  for (int i = 0; i < 7; ++i) {
    Ticket ticket = signed_orders[static_cast<size_t>(i)];
    for (int step = 0; step < 4; ++step) {
      ticket = Advance(ticket);
    }
    ASSERT_EQ(ticket.state(), ticket::v1::CLOSED);
  }
  Count();
  const std::string why = R"({"rationale":"补录办结情况"})";
  EXPECT_EQ(Post(absl::StrCat(kNovember, ":correct"), R"({"rationale":"见13800001001"})").status,
            400);
  EXPECT_EQ(Post(absl::StrCat(kCorrected, ":correct"), why).status, 404);
  const auto corrected = Post(absl::StrCat(kNovember, ":correct"), why);
  ASSERT_EQ(corrected.status, 200) << corrected.body;
  EXPECT_EQ(Read(kCorrected, "webpage").status, 404) << "a draft";
  EXPECT_EQ(Get(kNovember, "webpage").version(), 1);
  ASSERT_EQ(Post(absl::StrCat(kCorrected, ":approve"), "{}", "admin").status, 200);

  const Publication second = Get(kCorrected, "webpage");
  EXPECT_EQ(second.version(), 2);
  EXPECT_EQ(second.replaces(), kNovember);
  EXPECT_EQ(second.rationale(), "补录办结情况");
  EXPECT_EQ(Read(kNovember, "webpage").status, 404) << "the newest version only";
  EXPECT_EQ(Get(kNovember).state(), ticket::v1::PUBLICATION_REPLACED);
  EXPECT_EQ(Get(kNovember).replaced_by(), kCorrected);
  EXPECT_EQ(Get(kNovember).sha256(), first.sha256());
  EXPECT_THAT(Listed("webpage"), ElementsAre(kCorrected));
  EXPECT_THAT(Listed("clerk"), ElementsAre(kCorrected, kNovember));

  ExpectAsCounted(second, CountedByHand());
  EXPECT_EQ(Counts(first).at({.metric = ticket::v1::METRIC_DUE}), 9);
  const auto newer = Counts(second);
  int withheld = 0;
  for (const auto& [key, count] : Counts(first)) {
    if (!count) {
      ++withheld;
      EXPECT_EQ(newer.at(key), std::nullopt)
          << ticket::domain::CountWithout(key).ShortDebugString();
    }
  }
  EXPECT_GT(withheld, 0);
}

TEST_F(PublicationsTest, NextMonth_StandsBesideTheMonthBefore) {
  FileSome(20, ticket::v1::PHONE);
  NextMonth(12);
  const Publication november = Published("2026-11", kNovember);
  FileSome(6, ticket::v1::PHONE);
  NextMonth(13);
  const Publication december = Published("2026-12", "counties/469030/publications/2026-12-1");
  EXPECT_EQ(Counts(december).at({.metric = ticket::v1::METRIC_FILED}), 6);
  EXPECT_EQ(december.previous().SerializeAsString(), november.figures().SerializeAsString());
  ticket::v1::ListPublicationsRequest list;
  list.set_parent(kCounty);
  list.set_page_size(1);
  const auto first = As("webpage")(&ticket::v1::PublicationService::Stub::ListPublications, list);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->publications_size(), 1);
  EXPECT_EQ(first->publications(0).month(), "2026-12");
  list.set_page_token(first->next_page_token());
  const auto second = As("webpage")(&ticket::v1::PublicationService::Stub::ListPublications, list);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->publications_size(), 1);
  EXPECT_EQ(second->publications(0).month(), "2026-11");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(PublicationsTest, ServiceGuide_IsForEverybody) {
  const auto guide = Read("counties/469030/serviceGuide", "webpage");
  ASSERT_EQ(guide.status, 200) << guide.body;
  EXPECT_THAT(guide.body, HasSubstr("12345"));
  EXPECT_THAT(guide.body, HasSubstr("登记诉求并告知工单编号"));
}

class UnpublishedTest : public SuiteTest {};

TEST_F(UnpublishedTest, PolicyWithoutPublications_HasNone) {
  const auto guide = Http("GET", "/v1/counties/469030/serviceGuide", "", "webpage");
  EXPECT_EQ(guide.status, 400);
  EXPECT_THAT(guide.body, HasSubstr("NOT_APPLICABLE"));
  const auto prepared =
      Http("POST", "/v1/counties/469030/publications:prepare", R"({"month":"2026-10"})", "clerk");
  EXPECT_THAT(prepared.body, HasSubstr("NOT_APPLICABLE"));
}

}  // namespace
}  // namespace baimi::integration
