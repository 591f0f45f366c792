#include "common/privacy/mask_address.h"

#include <algorithm>
#include <initializer_list>

#include "absl/types/span.h"
#include "common/privacy/runes.h"

namespace baimi::privacy {
namespace {

// A word that ends a level of an address. It does not count when a rune of `not_after` stands
// before it or one of `not_before` behind it: then it is a part of another name (新村路, 小区).
struct Word {
  const char32_t* text;
  const char32_t* not_before = U"";
  const char32_t* not_after = U"";
};

using Words = absl::Span<const Word>;

// Longer words first where one begins with another.
constexpr Word kCommunity[] = {
    {U"社区居民委员会"}, {U"社区居委会"}, {U"社区"},   {U"居民委员会"},
    {U"居委会"},         {U"村民委员会"}, {U"村委会"}, {U"村", U"镇乡区县街路巷道社小家花公大"}};
constexpr Word kTown[] = {{U"街道办事处"},
                          {U"街道"},
                          {U"镇", U"路街巷道"},
                          {U"乡", U"路街巷道村"},
                          {U"农场", U"路街巷道"}};
constexpr Word kCounty[] = {{U"自治县"},
                            {U"县", U"路街巷道城"},
                            {U"区", U"路街巷道", U"小社园校厂景院新"},
                            {U"市", U"路街巷道场"}};
constexpr Word kBuilding[] = {{U"号楼"}, {U"栋"}, {U"幢"}, {U"座"}};
constexpr Word kHouse[] = {{U"号院"}, {U"号", U"室房铺商"}, {U"弄"}};
constexpr Word kEstate[] = {{U"小区"}, {U"花园"}, {U"公寓"}, {U"家园"}, {U"新村"}};

constexpr char32_t kFlatMarks[] = U"室房户层梯楼单";

bool Contains(const char32_t* set, char32_t rune) {
  return std::u32string_view(set).find(rune) != std::u32string_view::npos;
}

bool Matches(const std::u32string& text, size_t at, const Word& word) {
  const std::u32string_view wanted(word.text);
  if (text.compare(at, wanted.size(), wanted) != 0) {
    return false;
  }
  const size_t next = at + wanted.size();
  return (at == 0 || !Contains(word.not_after, text[at - 1])) &&
         (next == text.size() || !Contains(word.not_before, text[next]));
}

// The length of `text` up to the end of the first of `words`; 0 when there is none. The first, not
// the last: what follows it may be finer than the level.
size_t EndOfFirst(const std::u32string& text, Words words) {
  for (size_t at = 1; at < text.size(); ++at) {  // A level has a name in front of its word.
    for (const Word& word : words) {
      if (Matches(text, at, word)) {
        return at + std::u32string_view(word.text).size();
      }
    }
  }
  return 0;
}

std::u32string FirstLevel(const std::u32string& text, std::initializer_list<Words> levels) {
  for (const Words words : levels) {
    if (const size_t end = EndOfFirst(text, words); end > 0) {
      return text.substr(0, end);
    }
  }
  return {};
}

// Everything before the first "3单元", "501室", "二楼" and the like; 号楼 and 幢 are no such marks.
std::u32string BeforeFlat(const std::u32string& address) {
  for (size_t i = 1; i < address.size(); ++i) {
    if (!Contains(kFlatMarks, address[i]) || !IsNumberLike(address[i - 1])) {
      continue;
    }
    size_t start = i;
    while (start > 0 && IsNumberLike(address[start - 1])) {
      --start;
    }
    return address.substr(0, start);
  }
  return address;
}

std::u32string BeforeNumber(const std::u32string& address) {
  const auto first = std::find_if(address.begin(), address.end(),
                                  [](char32_t rune) { return DigitOf(rune) >= 0; });
  std::u32string head(address.begin(), first);
  // Numbers in words stand before 号, 栋, 幢, 座: 十二号, 三栋.
  for (const Words words : {Words(kBuilding), Words(kHouse)}) {
    if (const size_t end = EndOfFirst(head, words); end > 0) {
      head.resize(end);
    }
  }
  return BeforeFlat(head);
}

}  // namespace

std::u32string AddressToCommunity(const std::u32string& address) {
  return FirstLevel(BeforeNumber(address), {kCommunity, kTown, kCounty});
}

std::u32string AddressToBuilding(const std::u32string& address) {
  std::u32string shown = FirstLevel(BeforeFlat(address), {kBuilding, kHouse});
  if (shown.empty()) {
    shown = FirstLevel(BeforeNumber(address), {kEstate});
  }
  return shown.empty() ? AddressToCommunity(address) : shown;
}

}  // namespace baimi::privacy
