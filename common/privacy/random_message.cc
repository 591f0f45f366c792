#include "common/privacy/random_message.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"

namespace baimi::privacy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string RandomText(Rng& rng) {
  static constexpr const char* kWords[] = {"王", "营北社区", "138", "a", " ", "楼", "12", "，"};
  std::string text;
  for (uint64_t i = rng.Uint64() % 6; i > 0; --i) {
    absl::StrAppend(&text, kWords[rng.Uint64() % std::size(kWords)]);
  }
  return text;
}

void Fill(Message* message, Rng& rng, int depth);

void FillField(Message* message, const FieldDescriptor* field, Rng& rng, int depth) {
  const auto* reflection = message->GetReflection();
  const bool many = field->is_repeated();
  const uint64_t number = rng.Uint64() >> (rng.Uint64() % 64);
  switch (field->cpp_type()) {
#define BAIMI_FILL(TYPE, METHOD, VALUE)                    \
  case FieldDescriptor::CPPTYPE_##TYPE:                    \
    many ? reflection->Add##METHOD(message, field, VALUE)  \
         : reflection->Set##METHOD(message, field, VALUE); \
    break
    BAIMI_FILL(INT32, Int32, static_cast<int32_t>(number));
    BAIMI_FILL(INT64, Int64, static_cast<int64_t>(number));
    BAIMI_FILL(UINT32, UInt32, static_cast<uint32_t>(number));
    BAIMI_FILL(UINT64, UInt64, number);
    BAIMI_FILL(DOUBLE, Double, static_cast<double>(number) / 7);
    BAIMI_FILL(FLOAT, Float, static_cast<float>(number % 1000) / 8);
    BAIMI_FILL(BOOL, Bool, number % 2 == 1);
    BAIMI_FILL(ENUM, EnumValue, static_cast<int>(number % 3));
    BAIMI_FILL(STRING, String, RandomText(rng));
#undef BAIMI_FILL
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth > 0) {
        Fill(many ? reflection->AddMessage(message, field)
                  : reflection->MutableMessage(message, field),
             rng, depth - 1);
      }
      break;
  }
}

void Fill(Message* message, Rng& rng, int depth) {
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (rng.Uint64() % 2 == 0) {
      continue;
    }
    const uint64_t times = field->is_repeated() ? rng.Uint64() % 4 : 1;
    for (uint64_t n = 0; n < times; ++n) {
      FillField(message, field, rng, depth);
    }
  }
}

}  // namespace

void FillRandomly(Message* message, Rng& rng, int depth) {
  Fill(message, rng, depth);
  // Reflection lets a map have a key twice; no parsed message has that.
  const std::string bytes = message->SerializeAsString();
  message->ParseFromString(bytes);
}

}  // namespace baimi::privacy
