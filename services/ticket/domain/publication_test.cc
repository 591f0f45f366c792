#include "services/ticket/domain/publication.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/testing/protos.h"
#include "gtest/gtest.h"
#include "services/ticket/domain/testing_order.h"

namespace baimi::ticket::domain {
namespace {

using test::Text;
using testing::HasSubstr;

constexpr char kName[] = "counties/469030/publications/2025-08-1";

class PublicationTest : public testing::Test {
 protected:
  Context As(const std::string& id) {
    actor_ = MakeActor(id, "hotline");
    return {At("2025-09-26 09:00"), actor_, SampleInForce()};
  }
  static CountedMonth Month(int64_t rated, int64_t satisfied) {
    CountedMonth counted;
    counted.whole = Text<v1::PublishedFigures>(R"pb(month: "2025-08" as_of_seq: 17)pb");
    for (const auto& [metric, count] : std::vector<std::pair<v1::PublishedMetric, int64_t>>{
             {v1::METRIC_RATED, rated}, {v1::METRIC_SATISFIED, satisfied}}) {
      v1::PublishedCount& one = *counted.whole.add_counts();
      one.set_metric(metric);
      one.set_count(count);
    }
    return counted;
  }
  v1::PublicationWork Draft(CountedMonth counted = Month(100, 97)) {
    const auto step = PreparePublication(nullptr, kName, std::move(counted), As("maker"));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->work : v1::PublicationWork();
  }
  v1::PublicationWork Published() {
    const v1::PublicationWork draft = Draft();
    const auto step = ApprovePublication(draft, {}, As("head"));
    EXPECT_TRUE(step.ok()) << step.status();
    return step.ok() ? step->work : v1::PublicationWork();
  }
  static bool Tells(const v1::Publication& publication, v1::PublishedMetric metric) {
    for (const v1::PublishedCount& count : publication.figures().counts()) {
      if (count.metric() == metric) {
        return count.has_count();
      }
    }
    return false;
  }

 private:
  type::v1::Actor actor_;
};

TEST_F(PublicationTest, Names_AreReadBack) {
  const auto id = ParsePublicationId(kName);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->month, absl::CivilMonth(2025, 8));
  EXPECT_EQ(id->version, 1);
  EXPECT_EQ(PublicationName("469030", *id), kName);
  for (const char* wrong : {"2025-13-1", "2025-8-1", "2025-08-0", "2025-08-01", "2025-08", "x",
                            "2025-08-1x", "2025-08+1"}) {
    EXPECT_FALSE(ParsePublicationId(absl::StrCat("counties/469030/publications/", wrong))) << wrong;
  }
  for (const char* wrong : {"2025-13", "2025-00", "2025/08", "25-08", "2025-08-1", ""}) {
    EXPECT_FALSE(ParseMonth(wrong).ok()) << wrong;
  }
}

TEST_F(PublicationTest, Month_IsOverInShanghai) {
  EXPECT_TRUE(CheckMonthOver(absl::CivilMonth(2025, 8), At("2025-09-01 00:00")).ok());
  const absl::Status early = CheckMonthOver(absl::CivilMonth(2025, 8), At("2025-08-31 23:59"));
  EXPECT_EQ(ReasonOf(early), "PUBLICATION_STATE");
  EXPECT_TRUE(absl::IsFailedPrecondition(early));
}

TEST_F(PublicationTest, Prepared_IsADraftThatKeepsItsTextsWhenCountedAnew) {
  const v1::PublicationWork draft = Draft();
  EXPECT_EQ(draft.publication().state(), v1::PUBLICATION_DRAFT);
  EXPECT_EQ(draft.publication().month(), "2025-08");
  EXPECT_EQ(draft.publication().version(), 1);
  EXPECT_EQ(draft.publication().etag(), "v1");
  EXPECT_EQ(draft.publication().sha256(), "");
  EXPECT_FALSE(Tells(draft.publication(), v1::METRIC_SATISFIED)) << "three were not";
  EXPECT_EQ(draft.whole().counts(1).count(), 97) << "the office keeps what was counted";

  v1::Publication wanted = draft.publication();
  wanted.set_preface("本月情况");
  *wanted.add_cases() =
      Text<v1::TypicalCase>(R"pb(title: "电梯停运" text: "两天内修好" category: "020301")pb");
  const auto changed = UpdatePublication(draft, wanted, As("writer"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->work.publication().etag(), "v2");
  const auto again = PreparePublication(&changed->work, kName, Month(100, 80), As("maker"));
  ASSERT_TRUE(again.ok()) << again.status();
  const v1::Publication& counted = again->work.publication();
  EXPECT_EQ(counted.preface(), "本月情况");
  EXPECT_EQ(counted.cases_size(), 1);
  EXPECT_TRUE(Tells(counted, v1::METRIC_SATISFIED));
  ASSERT_EQ(counted.preparers_size(), 2) << "each once";
  EXPECT_EQ(counted.preparers(1).id(), "writer");

  wanted.mutable_cases(0)->set_category("999999");
  EXPECT_EQ(ReasonOf(UpdatePublication(draft, wanted, As("writer")).status()), "UNKNOWN_CATEGORY");
}

TEST_F(PublicationTest, Approved_ByAnotherPerson_NeverChangesAgain) {
  const v1::PublicationWork draft = Draft();
  const absl::Status own = ApprovePublication(draft, {}, As("maker")).status();
  EXPECT_EQ(ReasonOf(own), "PREPARER_MAY_NOT_APPROVE");
  EXPECT_TRUE(absl::IsPermissionDenied(own));
  v1::ApprovePublicationRequest stale;
  stale.set_etag("v9");
  EXPECT_TRUE(absl::IsAborted(ApprovePublication(draft, stale, As("head")).status()));

  const v1::PublicationWork published = Published();
  const v1::Publication& publication = published.publication();
  EXPECT_EQ(publication.state(), v1::PUBLICATION_PUBLISHED);
  EXPECT_EQ(publication.approver().id(), "head");
  EXPECT_EQ(publication.sha256(), ContentHash(publication));
  EXPECT_EQ(ReasonOf(UpdatePublication(published, publication, As("maker")).status()),
            "PUBLICATION_STATE");
  EXPECT_EQ(ReasonOf(ApprovePublication(published, {}, As("other")).status()), "PUBLICATION_STATE");
  EXPECT_EQ(ReasonOf(PreparePublication(&published, kName, Month(1, 1), As("maker")).status()),
            "PUBLICATION_STATE");
  const v1::Publication shown = ForThePublic(publication);
  EXPECT_TRUE(shown.preparers().empty());
  EXPECT_FALSE(shown.has_approver());
  EXPECT_EQ(ContentHash(shown), publication.sha256()) << "who sees less can check it too";
}

// The definition in the contract, by reflection: fields 1 to 3 and 5 to 10 alone.
TEST_F(PublicationTest, ContentHash_IsTheOneOfTheContract) {
  v1::Publication publication = Published().publication();
  publication.set_preface("前言");
  publication.set_rationale("更正");
  v1::Publication content = publication;
  const auto* descriptor = v1::Publication::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const int number = descriptor->field(i)->number();
    if (number == 4 || number > 10) {
      v1::Publication::GetReflection()->ClearField(&content, descriptor->field(i));
    }
  }
  EXPECT_EQ(ContentHash(publication), absl::BytesToHexString(Sha256(content.SerializeAsString())));
  const std::string before = ContentHash(publication);
  publication.mutable_figures()->mutable_counts(0)->set_count(99);
  EXPECT_NE(ContentHash(publication), before);
}

TEST_F(PublicationTest, Correction_NamesWhatItReplacesAndWithholdsItToo) {
  const v1::PublicationWork old = Published();
  v1::CorrectPublicationRequest request;
  request.set_name(kName);
  request.set_rationale("漏计两次回访");
  CountedMonth counted = Month(100, 90);
  EXPECT_TRUE(Tells(Draft(counted).publication(), v1::METRIC_SATISFIED)) << "by itself";
  counted.rules.older = {{old.publication().figures(), old.whole()}};
  const auto step = CorrectPublication(old.publication(), nullptr, request, counted, As("maker"));
  ASSERT_TRUE(step.ok()) << step.status();
  const v1::Publication& correction = step->work.publication();
  EXPECT_EQ(correction.name(), "counties/469030/publications/2025-08-2");
  EXPECT_EQ(correction.version(), 2);
  EXPECT_EQ(correction.replaces(), kName);
  EXPECT_EQ(correction.rationale(), "漏计两次回访");
  EXPECT_FALSE(Tells(correction, v1::METRIC_SATISFIED)) << "since the older one withheld it";
  ASSERT_EQ(correction.preparers_size(), 1);

  const auto again =
      CorrectPublication(old.publication(), &step->work, request, counted, As("writer"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->work.publication().name(), correction.name()) << "the same draft";
  EXPECT_EQ(again->work.publication().revision(), 2);

  const PublicationStep replaced =
      ReplacePublication(old, correction.name(), At("2025-09-27 09:00"));
  EXPECT_EQ(replaced.work.publication().state(), v1::PUBLICATION_REPLACED);
  EXPECT_EQ(replaced.work.publication().replaced_by(), correction.name());
  EXPECT_EQ(ContentHash(replaced.work.publication()), old.publication().sha256());
  EXPECT_EQ(ReasonOf(CorrectPublication(replaced.work.publication(), nullptr, request, counted,
                                        As("maker"))
                         .status()),
            "PUBLICATION_STATE");
}

TEST_F(PublicationTest, Facts_GiveTheRow) {
  v1::PublicationWork row;
  const auto prepared = PreparePublication(nullptr, kName, Month(50, 40), As("maker"));
  ASSERT_TRUE(prepared.ok());
  row = Apply(row, prepared->fact);
  const auto approved = ApprovePublication(row, {}, As("head"));
  ASSERT_TRUE(approved.ok());
  row = Apply(row, approved->fact);
  EXPECT_EQ(row.SerializeAsString(), approved->work.SerializeAsString());
  EXPECT_TRUE(row.has_whole());
}

TEST_F(PublicationTest, Policy_WantsAtLeastFive) {
  v1::TicketPolicy policy = SamplePolicy();
  *policy.mutable_publications() = Text<v1::PublicationPolicy>(R"pb(
    min_count: 5
    category_digits: 4
    top_categories: 10
    channels { display_name: "热线" reach: "12345" opening_hours: "全天" }
    flow { title: "受理" text: "登记诉求" }
  )pb");
  EXPECT_TRUE(ValidatePolicy(policy, "469030").ok());
  policy.mutable_publications()->set_min_count(4);
  const absl::Status few = ValidatePolicy(policy, "469030");
  EXPECT_EQ(ReasonOf(few), "BAD_POLICY");
  EXPECT_THAT(std::string(few.message()), HasSubstr("publications.min_count: got 4, want 5"));
  policy.mutable_publications()->set_min_count(5);
  policy.mutable_publications()->set_category_digits(3);
  policy.mutable_publications()->set_top_categories(0);
  policy.mutable_publications()->clear_channels();
  policy.mutable_publications()->clear_flow();
  const auto violations = BadRequestOf(ValidatePolicy(policy, "469030"));
  ASSERT_TRUE(violations.has_value());
  EXPECT_EQ(violations->field_violations_size(), 4);
}

}  // namespace
}  // namespace baimi::ticket::domain
