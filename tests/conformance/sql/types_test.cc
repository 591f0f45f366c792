// Values in and out.
#include <cmath>
#include <limits>

#include "tests/conformance/sql/fixture.h"

namespace baimi::sql {
namespace {

using std::numeric_limits;

constexpr Statement kPut = {"types_put",
                            "INSERT INTO kinds(id, i, b, d, t, x) VALUES ($1, $2, $3, $4, $5, $6)"};
constexpr Statement kGet = {"types_get", "SELECT i, b, d, t, x FROM kinds WHERE id = $1"};
constexpr Statement kPutShuffled = {"types_put_shuffled",
                                    "INSERT INTO kinds(t, id, i) VALUES ($3, $1, $2)"};
constexpr Statement kRange = {
    "types_range", "SELECT id FROM kinds WHERE i >= $2 AND i <= $3 AND t = $1 AND id + $2 > $2"};

struct Kinds {
  std::optional<int64_t> i;
  std::optional<bool> b;
  std::optional<double> d;
  std::optional<std::string> t;
  std::optional<std::string> x;

  friend bool operator==(const Kinds&, const Kinds&) = default;
};

template <typename T>
Param OrNull(const std::optional<T>& value) {
  return value ? Param(*value) : Param(Null{});
}

Kinds ReadKinds(const Row& row) {
  Kinds kinds;
  if (!row.IsNull(0)) {
    kinds.i = row.Int64(0);
  }
  if (!row.IsNull(1)) {
    kinds.b = row.Bool(1);
  }
  if (!row.IsNull(2)) {
    kinds.d = row.Double(2);
  }
  if (!row.IsNull(3)) {
    kinds.t = std::string(row.Text(3));
  }
  if (!row.IsNull(4)) {
    kinds.x = std::string(row.Bytes(4));
  }
  return kinds;
}

TEST_P(SqlConformance, Types_RoundTrip_GivesTheSameValues) {
  const std::string zeros("\0a\0\xff\0", 5);
  const Kinds table[] = {
      {},
      {0, false, 0.0, "", ""},
      {1, true, 1.0, "a", "a"},
      {numeric_limits<int64_t>::max(), true, numeric_limits<double>::max(), "百米'\"\n\t", zeros},
      {numeric_limits<int64_t>::min(), false, numeric_limits<double>::lowest(), "\U0001F3E0",
       zeros},
      {-1, true, numeric_limits<double>::denorm_min(), std::string(100'000, 'x'),
       std::string(100'000, '\0')},
      {int64_t{1} << 53, true, numeric_limits<double>::infinity(), " ", "\xff\xfe"},
  };
  for (int id = 0; id < static_cast<int>(std::size(table)); ++id) {
    const Kinds& want = table[id];
    EXPECT_OK(db_->Write({}, [&](Tx& tx) {
      const Param x = want.x ? Param::Bytes(*want.x) : Param(Null{});
      return tx
          .Execute(kPut, {id, OrNull(want.i), OrNull(want.b), OrNull(want.d), OrNull(want.t), x})
          .status();
    }));
    Kinds got;
    EXPECT_OK(db_->Read({}, [&](Reader& reader) {
      return reader
          .QueryOne(kGet, {id},
                    [&](const Row& row) {
                      got = ReadKinds(row);
                      return absl::OkStatus();
                    })
          .status();
    }));
    EXPECT_TRUE(got == want) << "row " << id;
  }
}

TEST_P(SqlConformance, Types_NullRead_GivesZeroFalseAndEmpty) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    return tx.Execute(kPut, {1, Null{}, Null{}, Null{}, Null{}, Null{}}).status();
  }));
  int rows = 0;
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(kGet, {1}, [&](const Row& row) {
      ++rows;
      EXPECT_EQ(row.Int64(0), 0);
      EXPECT_FALSE(row.Bool(1));
      EXPECT_EQ(row.Double(2), 0.0);
      EXPECT_EQ(row.Text(3), "");
      EXPECT_EQ(row.Bytes(4), "");
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(rows, 1);
}

TEST_P(SqlConformance, Types_EmptyViewWithoutData_IsEmptyAndNotNull) {
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    return tx
        .Execute(kPut, {1, Null{}, Null{}, Null{}, absl::string_view(),
                        Param::Bytes(absl::string_view())})
        .status();
  }));
  bool found = false;
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(kGet, {1}, [&](const Row& row) {
      found = true;
      EXPECT_FALSE(row.IsNull(3));
      EXPECT_FALSE(row.IsNull(4));
      return absl::OkStatus();
    });
  }));
  EXPECT_TRUE(found);
}

TEST_P(SqlConformance, Types_Time_KeepsMicroseconds) {
  const absl::Time want = absl::FromUnixMicros(1'790'000'000'123'457);
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    return tx.Execute(kPut, {1, Param::Time(want), Null{}, Null{}, Null{}, Null{}}).status();
  }));
  absl::Time got;
  EXPECT_OK(db_->Read({}, [&](Reader& reader) {
    return reader.Query(kGet, {1}, [&](const Row& row) {
      got = row.Time(0);
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(got, want);
}

TEST_P(SqlConformance, Params_OutOfOrderAndRepeated_BindByNumber) {
  std::vector<int64_t> ids;
  EXPECT_OK(db_->Write({}, [&](Tx& tx) {
    for (int64_t id = 1; id <= 4; ++id) {
      EXPECT_OK(tx.Execute(kPutShuffled, {id, id * 10, id == 4 ? "other" : "same"}).status());
    }
    return tx.Query(kRange, {"same", 20, 40}, [&](const Row& row) {
      ids.push_back(row.Int64(0));
      return absl::OkStatus();
    });
  }));
  EXPECT_EQ(ids, (std::vector<int64_t>{2, 3}));
}

TEST_P(SqlConformance, Params_WrongNumber_IsInternalAndRunsNothing) {
  for (const std::vector<Param>& params :
       {std::vector<Param>{}, std::vector<Param>{1}, std::vector<Param>{1, 2, 3}}) {
    EXPECT_EQ(
        db_->Write({}, [&](Tx& tx) { return tx.Execute(kAddAccount, params).status(); }).code(),
        absl::StatusCode::kInternal);
  }
  EXPECT_TRUE(AccountIds().empty());
}

TEST_P(SqlConformance, Params_WhatOneDatabaseCannotKeep_IsInvalidArgument) {
  const Param bad[] = {Param(absl::string_view("a\0b", 3)), Param("\xff"), Param("\xed\xa0\x80"),
                       Param(std::nan(""))};
  for (const Param& param : bad) {
    const bool text = std::holds_alternative<absl::string_view>(param.value());
    const Param t = text ? param : Param(Null{});
    const Param d = text ? Param(Null{}) : param;
    EXPECT_EQ(db_->Write({},
                         [&](Tx& tx) {
                           return tx.Execute(kPut, {1, Null{}, Null{}, d, t, Null{}}).status();
                         })
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace baimi::sql
