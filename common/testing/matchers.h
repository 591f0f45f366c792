// Matchers for statuses and messages, named as later Abseil and protobuf name theirs.
//
//   EXPECT_THAT(result, IsOk());
//   ASSERT_THAT(result, IsOkAndHolds(EqualsProto(R"pb(name: "x")pb")));
//   EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound));
//   EXPECT_THAT(result, HasReason("ETAG_MISMATCH"));
//   EXPECT_THAT(result, HasViolation("ticket.title"));
//
// Namespace `test`, since `testing` inside `baimi` would hide GoogleTest's.
#ifndef BAIMI_COMMON_TESTING_MATCHERS_H_
#define BAIMI_COMMON_TESTING_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace baimi::test {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Of a Status or a StatusOr.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << "which is " << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code,
          absl::StrCat(negation ? "is not " : "is ", absl::StatusCodeToString(code))) {
  *result_listener << "which is " << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

// ErrorInfo.reason.
MATCHER_P(HasReason, reason, absl::StrCat(negation ? "has not" : "has", " the reason ", reason)) {
  *result_listener << "which is " << StatusOf(arg);
  return ReasonOf(StatusOf(arg)) == reason;
}

// A BadRequest violation of the field.
MATCHER_P(HasViolation, field,
          absl::StrCat(negation ? "has no" : "has a", " violation of ", field)) {
  *result_listener << "which is " << StatusOf(arg);
  const auto bad = BadRequestOf(StatusOf(arg));
  if (bad) {
    for (const auto& violation : bad->field_violations()) {
      if (violation.field() == field) {
        return true;
      }
    }
  }
  return false;
}

MATCHER_P(IsOkAndHolds, inner,
          negation ? "is an error or a value that does not match" : "is OK and its value matches") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

namespace internal {

inline std::string ShownProto(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

}  // namespace internal

// Field by field, unknown fields too. `want` is a message of the same type or its text form.
class EqualsProtoMatcher {
 public:
  using is_gtest_matcher = void;

  explicit EqualsProtoMatcher(std::string text) : text_(std::move(text)) {}
  explicit EqualsProtoMatcher(const google::protobuf::Message& want) : want_(want.New()) {
    want_->CopyFrom(want);
  }

  bool MatchAndExplain(const google::protobuf::Message& got, std::ostream* out) const {
    std::shared_ptr<google::protobuf::Message> want = want_;
    if (want == nullptr) {
      want.reset(got.New());
      if (!google::protobuf::TextFormat::ParseFromString(text_, want.get())) {
        Explain(out, "while the wanted text is no " + got.GetTypeName());
        return false;
      }
    }
    google::protobuf::util::MessageDifferencer differencer;
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    if (want->GetDescriptor() != got.GetDescriptor() || !differencer.Compare(*want, got)) {
      Explain(out, "which differs:\n" + difference);
      return false;
    }
    return true;
  }
  void DescribeTo(std::ostream* out) const { *out << "is the message\n" << Wanted(); }
  void DescribeNegationTo(std::ostream* out) const { *out << "is not the message\n" << Wanted(); }

 private:
  std::string Wanted() const { return want_ ? internal::ShownProto(*want_) : text_; }
  static void Explain(std::ostream* out, const std::string& text) {
    if (out != nullptr) {
      *out << text;
    }
  }

  std::shared_ptr<google::protobuf::Message> want_;
  std::string text_;
};

inline EqualsProtoMatcher EqualsProto(const google::protobuf::Message& want) {
  return EqualsProtoMatcher(want);
}
inline EqualsProtoMatcher EqualsProto(absl::string_view text) {
  return EqualsProtoMatcher(std::string(text));
}

}  // namespace baimi::test

#endif  // BAIMI_COMMON_TESTING_MATCHERS_H_
