#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "common/privacy/mask.h"
#include "common/privacy/mask_address.h"
#include "common/privacy/runes.h"

namespace baimi::privacy {
namespace {

constexpr const char32_t* kDoubleSurnames[] = {
    U"欧阳", U"上官", U"司马", U"诸葛", U"东方", U"独孤", U"南宫", U"万俟", U"闻人", U"夏侯",
    U"尉迟", U"公羊", U"赫连", U"澹台", U"皇甫", U"宗政", U"濮阳", U"公冶", U"太叔", U"申屠",
    U"公孙", U"慕容", U"仲孙", U"钟离", U"长孙", U"宇文", U"司徒", U"鲜于", U"司空", U"闾丘",
    U"子车", U"亓官", U"司寇", U"巫马", U"公西", U"颛孙", U"壤驷", U"公良", U"漆雕", U"乐正",
    U"宰父", U"谷梁", U"拓跋", U"轩辕", U"令狐", U"段干", U"百里", U"呼延", U"东郭", U"南门",
    U"羊舌", U"微生", U"左丘", U"西门", U"第五", U"梁丘", U"太史", U"端木", U"东门", U"夹谷"};

std::u32string Stars(size_t count) { return std::u32string(count, U'*'); }

std::u32string MaskName(const std::u32string& name) {
  if (name.size() < 2) {
    return Stars(name.size());
  }
  const bool is_double =
      name.size() > 2 &&
      std::any_of(std::begin(kDoubleSurnames), std::end(kDoubleSurnames),
                  [&](const char32_t* surname) { return name.compare(0, 2, surname) == 0; });
  const size_t kept = is_double ? 2 : 1;
  return name.substr(0, kept) + Stars(name.size() - kept);
}

bool StartsWith(const std::u32string& text, const char32_t* prefix) {
  return text.rfind(prefix, 0) == 0;
}

bool IsMobile(const std::u32string& digits) {
  return digits.size() == 11 && digits[0] == U'1' && digits[1] >= U'3';
}

// 010 and 02x are the three-digit area codes.
size_t AreaCodeLength(const std::u32string& digits) { return digits[1] <= U'2' ? 3 : 4; }

std::u32string MaskPhone(const std::u32string& phone) {
  std::u32string digits;
  bool hyphen = false;
  for (const char32_t rune : phone) {
    if (const int digit = DigitOf(rune); digit >= 0) {
      digits.push_back(U'0' + static_cast<char32_t>(digit));
    } else {
      hyphen = hyphen || (rune == U'-' && !digits.empty());
    }
  }
  for (const char32_t* country : {U"0086", U"86"}) {
    const size_t length = std::u32string(country).size();
    if (StartsWith(digits, country) && IsMobile(digits.substr(length))) {
      digits.erase(0, length);
    }
  }
  if (IsMobile(digits)) {
    return digits.substr(0, 3) + Stars(4) + digits.substr(7);
  }
  if (digits.size() >= 10 && digits.size() <= 12 && digits[0] == U'0') {
    const size_t area = AreaCodeLength(digits);
    return digits.substr(0, area) + (hyphen ? U"-" : U"") + Stars(digits.size() - area - 2) +
           digits.substr(digits.size() - 2);
  }
  if (digits.size() >= 7) {
    return Stars(digits.size() - 2) + digits.substr(digits.size() - 2);
  }
  return Stars(4);
}

std::u32string MaskCitizenId(const std::u32string& id, PiiView view) {
  if (view != PiiView::kStaff || (id.size() != 18 && id.size() != 15)) {
    return {};
  }
  return id.substr(0, 6) + Stars(id.size() - 10) + id.substr(id.size() - 4);
}

// True when the text is surely not blank: no blank begins with such a byte.
bool BeginsWithInk(absl::string_view text) {
  const auto first = text.empty() ? uint8_t{0} : static_cast<uint8_t>(text[0]);
  return first > 0x20 && first != 0xC2 && first != 0xE3;
}

}  // namespace

std::string MaskText(options::v1::PiiClass pii, absl::string_view text, PiiView view) {
  if (view == PiiView::kFull) {
    return std::string(text);
  }
  if (pii == options::v1::FREE_TEXT && view == PiiView::kStaff && BeginsWithInk(text)) {
    return RedactText(text);
  }
  const std::optional<std::u32string> decoded = ToRunes(text);
  if (!decoded) {
    return "";
  }
  const std::u32string runes = Trimmed(*decoded);
  if (runes.empty()) {
    return "";
  }
  const bool staff = view == PiiView::kStaff;
  switch (pii) {
    case options::v1::NAME:
      return FromRunes(MaskName(runes));
    case options::v1::PHONE:
      return FromRunes(MaskPhone(runes));
    case options::v1::CITIZEN_ID:
      return FromRunes(MaskCitizenId(runes, view));
    case options::v1::ADDRESS:
      return FromRunes(staff ? AddressToBuilding(runes) : AddressToCommunity(runes));
    case options::v1::FREE_TEXT:
      return staff ? RedactText(text) : "";
    case options::v1::LOCATION:
      return staff ? std::string(text) : "";
    default:
      return "";
  }
}

}  // namespace baimi::privacy
