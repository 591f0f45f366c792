#include <algorithm>
#include <functional>
#include <initializer_list>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/contract/contract.h"

namespace baimi::contract {
namespace {

using Names = std::initializer_list<absl::string_view>;

// Words of a field name that say that it tells about a person. All words of an entry must occur in
// this order, next to each other: "id_number" is found in "caller_id_number".
constexpr Names kPersonalWords = {
    "phone",     "mobile",      "telephone", "address",   "citizen_id",  "id_number", "id_card",
    "passport",  "open_id",     "union_id",  "email",     "wechat",      "birth",     "caller",
    "applicant", "person_name", "contact",   "resident",  "description", "remark",    "content",
    "comment",   "note",        "reason",    "full_name", "real_name"};
// Messages whose `name` is a person's.
constexpr Names kPersons = {"Caller", "Contact", "Person", "Resident", "Applicant", "Member"};

// Fields that are named like personal data and are none.
struct Exemption {
  absl::string_view field;
  absl::string_view why;
};
constexpr Exemption kNotPersonal[] = {
    {"baimi.type.v1.GeoRing.points", "the extent of a grid, not where somebody lives"},
    {"baimi.registry.v1.Building.point", "a building of the public register of estates"},
    {"baimi.ticket.v1.BulkResult.reason", "the name of an ErrorReason"},
    {"baimi.ticket.v1.ExportError.reason", "the name of an ErrorReason"},
    {"baimi.ticket.v1.SyncResult.reason", "the name of an ErrorReason"},
};

bool HasWord(const std::string& name, absl::string_view word) {
  return absl::StrContains(absl::StrCat("_", name, "_"), absl::StrCat("_", word, "_"));
}

bool Holds(Names names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool SoundsPersonal(const pb::FieldDescriptor* field) {
  const pb::Descriptor* type = field->message_type();
  if (type != nullptr) return type->full_name() == "baimi.type.v1.GeoPoint";
  if (field->type() != pb::FieldDescriptor::TYPE_STRING) return false;
  if (field->name() == "name" && Holds(kPersons, field->containing_type()->name())) return true;
  return std::any_of(kPersonalWords.begin(), kPersonalWords.end(),
                     [field](absl::string_view word) { return HasWord(field->name(), word); });
}

bool IsExempt(const pb::FieldDescriptor* field) {
  return std::any_of(std::begin(kNotPersonal), std::end(kNotPersonal),
                     [field](const Exemption& e) { return e.field == field->full_name(); });
}

// The gRPC codes an ErrorReason may stand for.
constexpr Names kCodes = {"INVALID_ARGUMENT", "NOT_FOUND",       "ALREADY_EXISTS",
                          "ABORTED",          "UNAUTHENTICATED", "PERMISSION_DENIED",
                          "UNAVAILABLE",      "INTERNAL",        "RESOURCE_EXHAUSTED",
                          "OUT_OF_RANGE",     "UNIMPLEMENTED",   "FAILED_PRECONDITION",
                          "CANCELLED",        "DATA_LOSS",       "DEADLINE_EXCEEDED"};

constexpr Names kEventTypes = {"google.protobuf.Timestamp", "google.protobuf.Duration",
                               "google.protobuf.FieldMask"};

class Checker {
 public:
  explicit Checker(std::vector<Finding>& out) : out_(out) {}

  void CheckPersonal(const pb::Descriptor* message) {
    for (int i = 0; i < message->field_count(); ++i) {
      const pb::FieldDescriptor* field = message->field(i);
      if (SoundsPersonal(field) && PiiOf(field) == options::v1::PII_CLASS_UNSPECIFIED &&
          !IsExempt(field)) {
        Report("pii.class", field->full_name(),
               "named like personal data: give it a pii class, or exempt it with a reason in "
               "tests/contract/data_rules.cc");
      }
    }
    for (int i = 0; i < message->nested_type_count(); ++i) CheckPersonal(message->nested_type(i));
  }

  // Addresses of requests end up in access logs and histories: nothing personal may stand there.
  void CheckUrl(const pb::MethodDescriptor* method) {
    for (const google::api::HttpRule& route : RoutesOf(method)) {
      if (!route.get().empty() || !route.delete_().empty()) {
        VisitFields(method->input_type(), [this](const pb::FieldDescriptor* field) {
          if (PiiOf(field) != options::v1::PII_CLASS_UNSPECIFIED) {
            Report("pii.url", field->full_name(), "personal data in a URL: use a POST verb");
          }
        });
        return;
      }
    }
  }

  void CheckReasons(const pb::EnumDescriptor* reasons) {
    constexpr absl::string_view kPrefix = "ERROR_REASON_";
    if (reasons->value(0)->number() != 0 ||
        reasons->value(0)->name() != "ERROR_REASON_UNSPECIFIED") {
      Report("reason.zero", reasons->full_name(), "want ERROR_REASON_UNSPECIFIED = 0 first");
    }
    for (int i = 0; i < reasons->value_count(); ++i) {
      const pb::EnumValueDescriptor* value = reasons->value(i);
      if (!absl::StartsWith(value->name(), kPrefix)) {
        Report("reason.prefix", value->full_name(), absl::StrCat("want ", kPrefix, "..."));
      }
      if (value->number() != 0 && !Holds(kCodes, FirstWord(value))) {
        Report("reason.code", value->full_name(),
               "its comment begins with the gRPC code it goes with");
      }
    }
  }

  // `requests`: the messages that methods take.
  void CheckEvents(const pb::FileDescriptor* file,
                   const std::set<const pb::Descriptor*>& requests) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      VisitFields(file->message_type(i), [&](const pb::FieldDescriptor* field) {
        const pb::Descriptor* type = field->message_type();
        if (type == nullptr) return;
        const std::string& package = type->file()->package();
        const bool known = package == file->package() || package == "baimi.type.v1" ||
                           Holds(kEventTypes, type->full_name());
        if (!known || requests.count(type) > 0) {
          Report("event.type", field->full_name(),
                 absl::StrCat(type->full_name(),
                              ": an event holds facts of its own package and of "
                              "baimi.type.v1, never requests or open types"));
        }
      });
    }
  }

 private:
  static std::string FirstWord(const pb::EnumValueDescriptor* value) {
    pb::SourceLocation location;
    if (!value->GetSourceLocation(&location)) return "";
    const std::vector<std::string> words =
        absl::StrSplit(location.leading_comments, absl::ByAnyChar(" :,.\n"), absl::SkipEmpty());
    return words.empty() ? "" : words[0];
  }

  // Each field of the message and of the messages it holds, once.
  static void VisitFields(const pb::Descriptor* root,
                          const std::function<void(const pb::FieldDescriptor*)>& look) {
    std::set<const pb::Descriptor*> seen;
    const std::function<void(const pb::Descriptor*)> visit = [&](const pb::Descriptor* message) {
      if (!seen.insert(message).second) return;
      for (int i = 0; i < message->field_count(); ++i) {
        look(message->field(i));
        if (message->field(i)->message_type() != nullptr) visit(message->field(i)->message_type());
      }
    };
    visit(root);
  }

  void Report(const std::string& rule, const std::string& where, const std::string& message) {
    if (reported_.insert(absl::StrCat(rule, " ", where)).second) {
      out_.push_back({rule, where, message});
    }
  }

  std::vector<Finding>& out_;
  std::set<std::string> reported_;
};

}  // namespace

void CheckData(const std::vector<const pb::FileDescriptor*>& files, std::vector<Finding>& out) {
  Checker checker(out);
  std::set<const pb::Descriptor*> requests;
  for (const pb::MethodDescriptor* method : MethodsOf(files)) {
    requests.insert(method->input_type());
    checker.CheckUrl(method);
  }
  for (const pb::FileDescriptor* file : files) {
    if (!IsProduct(file)) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      checker.CheckPersonal(file->message_type(i));
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      if (file->enum_type(i)->name() == "ErrorReason") checker.CheckReasons(file->enum_type(i));
    }
    if (absl::EndsWith(file->name(), "events.proto")) checker.CheckEvents(file, requests);
  }
}

}  // namespace baimi::contract
