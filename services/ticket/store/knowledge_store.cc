#include "services/ticket/store/knowledge_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/analyzer.h"
#include "common/text/utf8.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Statement kLoadArticle = {"articles.load",
                                         "SELECT body FROM articles WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsertArticle = {
    "articles.insert", "INSERT INTO articles (county, id, body) VALUES ($1, $2, $3)"};
constexpr sql::Statement kUpdateArticle = {
    "articles.update", "UPDATE articles SET body = $3 WHERE county = $1 AND id = $2"};
constexpr sql::Statement kListArticles = {
    "articles.list",
    "SELECT body FROM articles WHERE county = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
constexpr sql::Statement kDropWords = {"article_words.drop",
                                       "DELETE FROM article_words WHERE county = $1 AND id = $2"};
constexpr sql::Statement kAddWord = {
    "article_words.add",
    "INSERT INTO article_words (county, word, id, weight) VALUES ($1, $2, $3, $4)"};
constexpr sql::Statement kFindWord = {
    "article_words.find", "SELECT id, weight FROM article_words WHERE county = $1 AND word = $2"};
constexpr sql::Statement kLoadTemplate = {
    "answer_templates.load", "SELECT body FROM answer_templates WHERE county = $1 AND id = $2"};
constexpr sql::Statement kInsertTemplate = {
    "answer_templates.insert",
    "INSERT INTO answer_templates (county, id, body) VALUES ($1, $2, $3)"};
constexpr sql::Statement kUpdateTemplate = {
    "answer_templates.update",
    "UPDATE answer_templates SET body = $3 WHERE county = $1 AND id = $2"};
constexpr sql::Statement kListTemplates = {
    "answer_templates.list",
    "SELECT body FROM answer_templates WHERE county = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};

constexpr int64_t kAboveAll = int64_t{1} << 60;
constexpr int64_t kInBody = 1;
constexpr int64_t kInTitle = 4;
constexpr size_t kWordBytes = 64;

template <typename Message>
absl::Status Parse(absl::string_view bytes, Message* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
             ? absl::OkStatus()
             : Internal("knowledge: a stored row does not parse");
}

template <typename Message>
absl::StatusOr<Message> Load(sql::Reader& reader, const sql::Statement& statement,
                             absl::string_view name) {
  Message message;
  BAIMI_ASSIGN_OR_RETURN(
      const bool found,
      reader.QueryOne(statement, {domain::CountyOf(name), KnowledgeId(name)},
                      [&](const sql::Row& row) { return Parse(row.Bytes(0), &message); }));
  if (!found) {
    return NotFound(name);
  }
  return message;
}

template <typename Message>
absl::StatusOr<std::vector<Message>> List(sql::Reader& reader, const sql::Statement& statement,
                                          absl::string_view county, int64_t below, int limit) {
  std::vector<Message> rows;
  BAIMI_RETURN_IF_ERROR(
      reader.Query(statement, {county, below == 0 ? kAboveAll : below, limit},
                   [&](const sql::Row& row) { return Parse(row.Bytes(0), &rows.emplace_back()); }));
  return rows;
}

template <typename Message>
absl::Status Write(sql::Tx& tx, const sql::Statement& statement, const Message& message) {
  const std::string body = message.SerializeAsString();
  BAIMI_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(statement, {domain::CountyOf(message.name()), KnowledgeId(message.name()),
                             sql::Param::Bytes(body)}));
  return rows == 1 ? absl::OkStatus() : Internal("knowledge: the row to update vanished");
}

// Each token once, no longer than the column holds.
std::vector<std::string> WordsOf(absl::string_view text) {
  std::vector<std::string> words = text::Tokens(text);
  for (std::string& word : words) {
    word = std::string(text::Utf8PrefixBytes(word, kWordBytes));
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

absl::Status AddWords(sql::Tx& tx, const v1::Article& article) {
  std::map<std::string, int64_t> weights;
  for (const std::string& word : WordsOf(article.body())) {
    weights[word] += kInBody;
  }
  for (const std::string& word : WordsOf(article.title())) {
    weights[word] += kInTitle;
  }
  for (const auto& [word, weight] : weights) {
    BAIMI_RETURN_IF_ERROR(tx.Queue(
        kAddWord, {domain::CountyOf(article.name()), word, KnowledgeId(article.name()), weight}));
  }
  return absl::OkStatus();
}

}  // namespace

int64_t KnowledgeId(absl::string_view name) {
  int64_t id = 0;
  return absl::SimpleAtoi(LastSegment(name), &id) && id > 0 ? id : 0;
}

absl::StatusOr<v1::Article> KnowledgeStore::LoadArticle(sql::Reader& reader,
                                                        absl::string_view name) {
  return Load<v1::Article>(reader, kLoadArticle, name);
}

absl::StatusOr<v1::AnswerTemplate> KnowledgeStore::LoadTemplate(sql::Reader& reader,
                                                                absl::string_view name) {
  return Load<v1::AnswerTemplate>(reader, kLoadTemplate, name);
}

absl::Status KnowledgeStore::Insert(sql::Tx& tx, const v1::Article& article) {
  BAIMI_RETURN_IF_ERROR(Write(tx, kInsertArticle, article));
  return AddWords(tx, article);
}

absl::Status KnowledgeStore::Update(sql::Tx& tx, const v1::Article& article) {
  BAIMI_RETURN_IF_ERROR(UpdateUse(tx, article));
  BAIMI_RETURN_IF_ERROR(
      tx.Queue(kDropWords, {domain::CountyOf(article.name()), KnowledgeId(article.name())}));
  return AddWords(tx, article);
}

absl::Status KnowledgeStore::UpdateUse(sql::Tx& tx, const v1::Article& article) {
  return Write(tx, kUpdateArticle, article);
}

absl::Status KnowledgeStore::Insert(sql::Tx& tx, const v1::AnswerTemplate& row) {
  return Write(tx, kInsertTemplate, row);
}

absl::Status KnowledgeStore::Update(sql::Tx& tx, const v1::AnswerTemplate& row) {
  return Write(tx, kUpdateTemplate, row);
}

absl::StatusOr<std::vector<v1::Article>> KnowledgeStore::ListArticles(sql::Reader& reader,
                                                                      absl::string_view county,
                                                                      int64_t below, int limit) {
  return List<v1::Article>(reader, kListArticles, county, below, limit);
}

absl::StatusOr<std::vector<v1::AnswerTemplate>> KnowledgeStore::ListTemplates(
    sql::Reader& reader, absl::string_view county, int64_t below, int limit) {
  return List<v1::AnswerTemplate>(reader, kListTemplates, county, below, limit);
}

absl::StatusOr<std::vector<std::string>> KnowledgeStore::Search(sql::Reader& reader,
                                                                absl::string_view county,
                                                                absl::string_view text) {
  const std::vector<std::string> words = WordsOf(text);
  std::vector<std::array<sql::Param, 2>> keys;
  keys.reserve(words.size());
  for (const std::string& word : words) {
    keys.push_back({county, word});
  }
  const std::vector<sql::Params> sets(keys.begin(), keys.end());
  struct Found {
    size_t words = 0;
    int64_t weight = 0;
  };
  std::map<int64_t, Found> found;
  BAIMI_RETURN_IF_ERROR(reader.QueryEach(kFindWord, sets, [&](size_t, const sql::Row& row) {
    Found& one = found[row.Int64(0)];
    ++one.words;
    one.weight += row.Int64(1);
    return absl::OkStatus();
  }));
  std::vector<std::pair<int64_t, int64_t>> ranked;
  for (const auto& [id, one] : found) {
    if (one.words == words.size()) {
      ranked.emplace_back(one.weight, id);
    }
  }
  std::sort(ranked.rbegin(), ranked.rend());
  std::vector<std::string> names;
  names.reserve(ranked.size());
  for (const auto& [weight, id] : ranked) {
    names.push_back(absl::StrCat("counties/", county, "/articles/", id));
  }
  return names;
}

}  // namespace baimi::ticket::store
