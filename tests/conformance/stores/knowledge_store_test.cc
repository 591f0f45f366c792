// The tables of the knowledge base on every database.
#include "services/ticket/store/knowledge_store.h"

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ticket/store/ticket_store.h"
#include "tests/conformance/sql/backend.h"

namespace baimi::ticket::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kCounty[] = "469030";

std::string ArticleName(int64_t id, absl::string_view county = kCounty) {
  return absl::StrCat("counties/", county, "/articles/", id);
}

class KnowledgeStoreTest : public testing::TestWithParam<sql::Backend> {
 protected:
  void SetUp() override {
    site_ = GetParam().make_site();
    database_ = *sql::Open(site_->Uri(), {});
    ASSERT_TRUE(sql::Migrate(*database_, "ticket", TicketMigrations(), clock_).ok());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    const absl::Status status = database_->Write({}, body);
    ASSERT_TRUE(status.ok()) << status;
  }
  template <typename T>
  absl::StatusOr<T> Read(absl::FunctionRef<absl::StatusOr<T>(sql::Reader&)> body) {
    absl::StatusOr<T> found = absl::UnknownError("not read");
    BAIMI_RETURN_IF_ERROR(database_->Read({}, [&](sql::Reader& reader) -> absl::Status {
      found = body(reader);
      return found.status();
    }));
    return found;
  }
  v1::Article Make(int64_t id, absl::string_view title, absl::string_view body,
                   absl::string_view county = kCounty) {
    v1::Article article;
    article.set_name(ArticleName(id, county));
    article.set_title(std::string(title));
    article.set_body(std::string(body));
    Write([&](sql::Tx& tx) { return KnowledgeStore::Insert(tx, article); });
    return article;
  }
  // Ids, best first.
  std::vector<int64_t> Search(absl::string_view text, absl::string_view county = kCounty) {
    const auto names = Read<std::vector<std::string>>(
        [&](sql::Reader& reader) { return KnowledgeStore::Search(reader, county, text); });
    EXPECT_TRUE(names.ok()) << names.status();
    std::vector<int64_t> ids;
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      ids.push_back(KnowledgeId(name));
    }
    return ids;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'781'000'000)};
  std::unique_ptr<sql::Site> site_;
  std::unique_ptr<sql::Database> database_;
};

TEST_P(KnowledgeStoreTest, Article_IsReadBackAndNotInAnotherCounty) {
  const v1::Article article = Make(7, "医保报销", "带身份证到窗口办理");
  const auto loaded = Read<v1::Article>(
      [&](sql::Reader& reader) { return KnowledgeStore::LoadArticle(reader, ArticleName(7)); });
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->SerializeAsString(), article.SerializeAsString());
  for (const std::string& name :
       {ArticleName(8), ArticleName(7, "469029"), std::string("counties/469030/articles/x")}) {
    EXPECT_TRUE(absl::IsNotFound(Read<v1::Article>([&](sql::Reader& reader) {
                                   return KnowledgeStore::LoadArticle(reader, name);
                                 }).status()))
        << name;
  }
}

TEST_P(KnowledgeStoreTest, Search_WantsEveryWord_AndTitlesComeFirst) {
  Make(1, "社保卡补办", "医保与社保卡共用，丢失后到窗口补办");
  Make(2, "医保报销比例", "住院报销百分之八十");
  Make(3, "住院须知", "住院前确认医保报销");
  Make(4, "医保报销", "another county", "469029");
  EXPECT_THAT(Search("医保报销"), ElementsAre(2, 3)) << "in the title, then in the body";
  EXPECT_THAT(Search("医保"), ElementsAre(2, 3, 1)) << "equal ones newest first";
  EXPECT_THAT(Search("医保，窗口"), ElementsAre(1)) << "both words, punctuation is none";
  EXPECT_THAT(Search("医保 户口"), IsEmpty());
  EXPECT_THAT(Search("医保报销", "469029"), ElementsAre(4));
  EXPECT_THAT(Search("！？"), IsEmpty());
  EXPECT_THAT(Search("ANOTHER", "469029"), ElementsAre(4)) << "whatever the case";
}

TEST_P(KnowledgeStoreTest, Update_ChangesTheWords_AndUseDoesNot) {
  v1::Article article = Make(1, "医保报销", "住院报销百分之八十");
  article.set_use_count(5);
  Write([&](sql::Tx& tx) { return KnowledgeStore::UpdateUse(tx, article); });
  EXPECT_THAT(Search("住院"), ElementsAre(1));
  article.set_title("异地就医备案");
  article.set_body("先备案再就医");
  Write([&](sql::Tx& tx) { return KnowledgeStore::Update(tx, article); });
  EXPECT_THAT(Search("住院"), IsEmpty());
  EXPECT_THAT(Search("异地备案"), IsEmpty()) << "异地 and 备案 are there, 地备 is not";
  EXPECT_THAT(Search("就医 备案"), ElementsAre(1));
  const auto loaded = Read<v1::Article>(
      [&](sql::Reader& reader) { return KnowledgeStore::LoadArticle(reader, ArticleName(1)); });
  EXPECT_EQ(loaded->use_count(), 5);
}

TEST_P(KnowledgeStoreTest, Update_OfWhatIsNotThere_IsAnError) {
  v1::Article article;
  article.set_name(ArticleName(9));
  EXPECT_FALSE(
      database_->Write({}, [&](sql::Tx& tx) { return KnowledgeStore::Update(tx, article); }).ok());
}

TEST_P(KnowledgeStoreTest, LongWord_IsFoundByItself) {
  const std::string word(300, 'x');
  Make(1, "编号", word);
  EXPECT_THAT(Search(word), ElementsAre(1));
}

TEST_P(KnowledgeStoreTest, Lists_AreNewestFirstInPages) {
  for (int64_t id = 1; id <= 3; ++id) {
    Make(id, "标题", "正文");
    v1::AnswerTemplate row;
    row.set_name(absl::StrCat("counties/469030/answerTemplates/", id));
    row.set_text("您好");
    Write([&](sql::Tx& tx) { return KnowledgeStore::Insert(tx, row); });
  }
  const auto page = [&](int64_t below, int limit) {
    std::vector<std::string> names;
    const auto rows = Read<std::vector<v1::Article>>([&](sql::Reader& reader) {
      return KnowledgeStore::ListArticles(reader, kCounty, below, limit);
    });
    for (const v1::Article& row : *rows) {
      names.push_back(row.name());
    }
    return names;
  };
  EXPECT_THAT(page(0, 2), ElementsAre(ArticleName(3), ArticleName(2)));
  EXPECT_THAT(page(2, 2), ElementsAre(ArticleName(1)));
  const auto templates = Read<std::vector<v1::AnswerTemplate>>(
      [&](sql::Reader& reader) { return KnowledgeStore::ListTemplates(reader, kCounty, 3, 5); });
  ASSERT_TRUE(templates.ok()) << templates.status();
  EXPECT_EQ(templates->size(), 2U);
  v1::AnswerTemplate changed = templates->front();
  changed.set_text("再见");
  Write([&](sql::Tx& tx) { return KnowledgeStore::Update(tx, changed); });
  EXPECT_EQ(Read<v1::AnswerTemplate>([&](sql::Reader& reader) {
              return KnowledgeStore::LoadTemplate(reader, changed.name());
            })->text(),
            "再见");
}

INSTANTIATE_TEST_SUITE_P(Backends, KnowledgeStoreTest, testing::ValuesIn(sql::AllBackends()),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace baimi::ticket::store
