// Numbers with check digits and phones: what is taken in normal form is taken again as it is.
#include "common/base/error.h"
#include "common/codes/area_code.h"
#include "common/codes/category_code.h"
#include "common/codes/citizen_id.h"
#include "common/codes/credit_code.h"
#include "common/codes/phone.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace codes = baimi::codes;
  const absl::string_view text = baimi::fuzz::Text(data, size);
  const auto refused_well = [](const absl::Status& status) {
    Require(baimi::BadRequestOf(status).has_value(), "a refusal names the field");
  };
  if (const auto phone = codes::ParsePhone("phone", text); phone.ok()) {
    const auto again = codes::ParsePhone("phone", phone->digits);
    Require(again.ok() && again->digits == phone->digits, "a phone's normal form is a phone");
  } else {
    refused_well(phone.status());
  }
  if (const auto level = codes::ParseAreaCode("code", text); level.ok()) {
    Require(codes::IsWithin(text, text.substr(0, 6)), "an area lies in its county");
  } else {
    refused_well(level.status());
  }
  if (const auto grid = codes::ParseGridCode("code", text); !grid.ok()) {
    refused_well(grid.status());
  }
  if (const auto category = codes::ParseCategoryCode("category", text); category.ok()) {
    Require(codes::IsCategoryWithin(text, text.substr(0, 2)), "a category lies in its first one");
  } else {
    refused_well(category.status());
  }
  if (const auto credit = codes::ParseCreditCode("code", text); !credit.ok()) {
    refused_well(credit.status());
  }
  const absl::CivilDay today(2026, 11, 22);
  if (const auto id = codes::ParseCitizenId("id", text, today); id.ok()) {
    Require(id->birth <= today, "nobody is born tomorrow");
  } else {
    refused_well(id.status());
  }
  return 0;
}
