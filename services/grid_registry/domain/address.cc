#include "services/grid_registry/domain/address.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/text/unit_name.h"
#include "services/grid_registry/domain/codes.h"
#include "services/grid_registry/domain/place_name.h"

namespace baimi::registry::domain {
namespace {

enum PlaceKind { kCounty, kTownship, kVillage, kGrid, kEstate, kBuilding };

constexpr double kBuildingScore = 0.95;
constexpr double kEstateScore = 0.9;
constexpr double kScatteredEstateScore = 0.6;
constexpr double kGridScore = 0.9;
constexpr double kAreaScore = 0.8;
constexpr double kContradiction = 0.5;
constexpr size_t kMaxListed = 5;

absl::string_view LastSegment(absl::string_view name) { return name.substr(name.rfind('/') + 1); }

PlaceKind KindOf(v1::AreaLevel level) {
  return level == v1::COUNTY ? kCounty : level == v1::TOWNSHIP ? kTownship : kVillage;
}

text::Place PlaceOf(const v1::Area& area) {
  text::Place place{area.code(), KindOf(area.level()), area.display_name(), {}};
  place.aliases.assign(area.aliases().begin(), area.aliases().end());
  // What is left of a short name may be too short to look for: of 村村委会 it is 村.
  const std::string shown = text::DisplayName(area.display_name());
  if (IsLongEnough(shown)) {
    place.aliases.push_back(shown);
  }
  return place;
}

// The estate, then each building as "estate/index" under every name and spelling.
void AddPlaces(absl::string_view id, const v1::Estate& estate, std::vector<text::Place>* places) {
  text::Place place{std::string(id), kEstate, estate.display_name(), {}};
  place.aliases.assign(estate.aliases().begin(), estate.aliases().end());
  std::set<std::string> labels;
  for (const v1::Building& building : estate.buildings()) {
    labels.insert(PlaceKey(building.label()));
  }
  for (int i = 0; i < estate.buildings_size(); ++i) {
    const std::string& label = estate.buildings(i).label();
    text::Place building{
        absl::StrCat(id, "/", i), kBuilding, absl::StrCat(estate.display_name(), label), {}};
    for (const std::string& spelling : LabelSpellings(label)) {
      // What another building is called by itself is that building.
      if (spelling != label && labels.count(PlaceKey(spelling)) > 0) {
        continue;
      }
      building.aliases.push_back(absl::StrCat(estate.display_name(), spelling));
      for (const std::string& alias : estate.aliases()) {
        building.aliases.push_back(absl::StrCat(alias, spelling));
      }
    }
    places->push_back(std::move(building));
  }
  places->push_back(std::move(place));
}

// One name found in the text and the grids it can mean.
struct Mention {
  PlaceKind kind;
  std::string name;
  std::set<std::string> grids;
  // Of an estate whose buildings lie in several grids.
  bool scattered = false;
};

// One reading of one address.
class Reading {
 public:
  explicit Reading(const CountyRows& rows) : rows_(rows) {}

  void Take(const std::vector<text::PlaceMatch>& matches) {
    for (const text::PlaceMatch& match : matches) {
      for (const PlaceKind kind : {kTownship, kVillage, kGrid, kEstate, kBuilding}) {
        TakeKind(match, kind);
      }
    }
    Narrow();
  }

  AddressFinding Decide() const {
    const Mention* chosen = nullptr;
    for (const Mention& mention : mentions_) {
      if (chosen == nullptr || mention.kind > chosen->kind) {
        chosen = &mention;
      }
    }
    if (chosen != nullptr) {
      return FromMention(*chosen);
    }
    if (!villages_.empty()) {
      return FromVillage();
    }
    if (!townships_.empty()) {
      return Nothing(
          absl::StrCat("地址只写到", AreaNames(townships_), "，请写明社区（村）、小区或网格"));
    }
    return Nothing("地址中没有已登记的社区（村）、小区或网格名称");
  }

 private:
  void TakeKind(const text::PlaceMatch& match, PlaceKind kind) {
    Mention mention{kind, "", {}, false};
    std::set<std::string> areas;
    for (const auto& candidate : match.candidates) {
      if (candidate.kind != kind) {
        continue;
      }
      mention.name = candidate.name;
      switch (kind) {
        case kTownship:
        case kVillage:
          areas.insert(candidate.id);
          break;
        case kGrid:
          mention.grids.insert(candidate.id);
          break;
        case kEstate:
          TakeEstate(candidate.id, &mention);
          break;
        case kBuilding:
          TakeBuilding(candidate.id, &mention);
          break;
        case kCounty:
          break;
      }
    }
    if (kind == kTownship) {
      townships_.insert(areas.begin(), areas.end());
    } else if (kind == kVillage && !areas.empty()) {
      village_mentions_.push_back(std::move(areas));
    } else if (!mention.grids.empty()) {
      mentions_.push_back(std::move(mention));
    }
  }

  void TakeEstate(const std::string& id, Mention* mention) const {
    const v1::Estate* estate = Find(rows_.estates, id);
    mention->grids.insert(std::string(LastSegment(estate->grid())));
    for (const v1::Building& building : estate->buildings()) {
      mention->scattered =
          mention->scattered || (!building.grid().empty() && building.grid() != estate->grid());
    }
  }

  void TakeBuilding(const std::string& id, Mention* mention) const {
    const std::pair<std::string, std::string> parts = absl::StrSplit(id, '/');
    const v1::Estate* estate = Find(rows_.estates, parts.first);
    int index = 0;
    if (absl::SimpleAtoi(parts.second, &index)) {
      const std::string& own = estate->buildings(index).grid();
      mention->grids.insert(std::string(LastSegment(own.empty() ? estate->grid() : own)));
    }
  }

  // Of several places of one name, those in the community or township that the address also names.
  void Narrow() {
    for (std::set<std::string>& candidates : village_mentions_) {
      Keep(&candidates, townships_, [](const std::string& code) { return TownshipOf(code); });
      villages_.insert(candidates.begin(), candidates.end());
    }
    for (Mention& mention : mentions_) {
      Keep(&mention.grids, villages_,
           [](const std::string& code) { return std::string(AreaOfGrid(code)); });
      Keep(&mention.grids, townships_, [](const std::string& code) { return TownshipOf(code); });
    }
  }

  template <typename AreaOf>
  static void Keep(std::set<std::string>* codes, const std::set<std::string>& areas,
                   const AreaOf& area_of) {
    std::set<std::string> kept;
    for (const std::string& code : *codes) {
      if (areas.count(area_of(code)) > 0) {
        kept.insert(code);
      }
    }
    if (!kept.empty()) {
      *codes = std::move(kept);
    }
  }

  AddressFinding FromMention(const Mention& mention) const {
    std::set<std::string> communities;
    for (const std::string& code : mention.grids) {
      communities.emplace(AreaOfGrid(code));
    }
    if (communities.size() > 1) {
      return Nothing(
          absl::StrCat("“", mention.name, "”在", AreaNames(communities), "都有，请写明社区（村）"));
    }
    AddressFinding finding;
    finding.grid = Find(rows_.grids, *mention.grids.begin());
    switch (mention.kind) {
      case kBuilding:
        finding.reason = v1::ADDRESS_BUILDING;
        finding.score = kBuildingScore;
        break;
      case kEstate:
        finding.reason = v1::ADDRESS_ESTATE;
        finding.score = mention.scattered ? kScatteredEstateScore : kEstateScore;
        break;
      default:
        finding.reason = v1::ADDRESS_GRID;
        finding.score = kGridScore;
        break;
    }
    finding.score /= static_cast<double>(mention.grids.size());
    finding.explanation =
        absl::StrCat("地址中的“", mention.name, "”属于", finding.grid->display_name());
    if (mention.grids.size() > 1) {
      absl::StrAppend(&finding.explanation, "等 ", mention.grids.size(), " 个网格，取编码最小者");
    }
    if (mention.kind == kEstate && mention.scattered) {
      absl::StrAppend(&finding.explanation, "；该小区各楼栋分属多个网格，请写明楼栋");
    }
    Contradict(&mention, &finding);
    return finding;
  }

  AddressFinding FromVillage() const {
    if (villages_.size() > 1) {
      return Nothing(absl::StrCat("地址可能指", AreaNames(villages_), "，请写明其中一个"));
    }
    const std::string& code = *villages_.begin();
    const v1::Grid* first = nullptr;
    int count = 0;
    for (auto it = rows_.grids.lower_bound(code);
         it != rows_.grids.end() && absl::StartsWith(it->first, code); ++it) {
      first = first == nullptr ? it->second.get() : first;
      ++count;
    }
    if (first == nullptr) {
      return Nothing(absl::StrCat("地址写的是", AreaLabel(code), "，该处尚未划分网格"));
    }
    AddressFinding finding;
    finding.grid = first;
    finding.reason = v1::ADDRESS_AREA;
    finding.score = kAreaScore / count;
    finding.explanation = absl::StrCat("地址写的是", AreaLabel(code));
    if (count > 1) {
      absl::StrAppend(&finding.explanation, "，共 ", count, " 个网格，取第一个：",
                      first->display_name(), "，请核对");
    } else {
      absl::StrAppend(&finding.explanation, "，只有一个网格：", first->display_name());
    }
    Contradict(nullptr, &finding);
    return finding;
  }

  // Halves the score for everything else in the address that the grid does not agree with.
  void Contradict(const Mention* chosen, AddressFinding* finding) const {
    const std::string& code = finding->grid->code();
    const auto object = [&](absl::string_view what) {
      finding->score *= kContradiction;
      absl::StrAppend(&finding->explanation, "；但地址", what, "，与该网格不一致");
    };
    if (!villages_.empty() && villages_.count(std::string(AreaOfGrid(code))) == 0) {
      object(absl::StrCat("写的是", AreaNames(villages_)));
    }
    if (!townships_.empty() && townships_.count(TownshipOf(code)) == 0) {
      object(absl::StrCat("写的乡镇是", AreaNames(townships_)));
    }
    for (const Mention& other : mentions_) {
      if (&other != chosen && other.grids.count(code) == 0) {
        object(absl::StrCat("还提到“", other.name, "”"));
        return;
      }
    }
  }

  AddressFinding Nothing(std::string explanation) const {
    AddressFinding finding;
    finding.explanation = std::move(explanation);
    return finding;
  }

  std::string AreaLabel(const std::string& code) const {
    const v1::Area* area = Find(rows_.areas, code);
    return area == nullptr ? code : text::DisplayName(area->display_name());
  }

  std::string AreaNames(const std::set<std::string>& codes) const {
    std::vector<std::string> names;
    for (const std::string& code : codes) {
      if (names.size() == kMaxListed) {
        return absl::StrCat(absl::StrJoin(names, "、"), "等 ", codes.size(), " 处");
      }
      const v1::Area* township = Find(rows_.areas, TownshipOf(code));
      const bool below = township != nullptr && township->code() != code && codes.size() > 1;
      names.push_back(absl::StrCat(below ? township->display_name() : "", AreaLabel(code)));
    }
    return absl::StrJoin(names, "、");
  }

  const CountyRows& rows_;
  std::set<std::string> townships_;
  std::vector<std::set<std::string>> village_mentions_;
  std::set<std::string> villages_;
  // In the order of the text: buildings, estates and grids.
  std::vector<Mention> mentions_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const AddressIndex>> AddressIndex::Build(
    std::shared_ptr<const CountyRows> rows) {
  std::vector<text::Place> places;
  for (const auto& [code, area] : rows->areas) {
    places.push_back(PlaceOf(*area));
  }
  for (const auto& [code, grid] : rows->grids) {
    places.push_back({code, kGrid, grid->display_name(), {}});
  }
  for (const auto& [id, estate] : rows->estates) {
    AddPlaces(id, *estate, &places);
  }
  auto matcher = text::PlaceMatcher::Build(places);
  if (!matcher.ok()) {
    return Internal(matcher.status().message());
  }
  auto index = std::make_shared<AddressIndex>();
  index->rows_ = std::move(rows);
  index->matcher_ = *std::move(matcher);
  return std::shared_ptr<const AddressIndex>(std::move(index));
}

AddressFinding AddressIndex::Find(absl::string_view address) const {
  Reading reading(*rows_);
  reading.Take(matcher_.Match(address));
  return reading.Decide();
}

}  // namespace baimi::registry::domain
