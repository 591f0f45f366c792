// Names as addresses write them. Pure.
#ifndef BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_PLACE_NAME_H_
#define BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_PLACE_NAME_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace baimi::registry::domain {

// Two names with one key are one name to whoever reads an address: "Ａ 座" and "a座".
std::string PlaceKey(absl::string_view name);

// At least two characters, blanks and hyphens not counted: less would be found in every address.
bool IsLongEnough(absl::string_view name);

// INVALID_ARGUMENT at "<path>.display_name" or "<path>.aliases[i]" for a name that is not
// long enough.
absl::Status CheckPlaceNames(absl::string_view path, absl::string_view display_name,
                             const google::protobuf::RepeatedPtrField<std::string>& aliases);

// The ways people write a building's label, itself first: "3栋" is also 3幢, 3座, 3号楼 and 3号栋.
// A label of another form has only itself.
std::vector<std::string> LabelSpellings(absl::string_view label);

}  // namespace baimi::registry::domain

#endif  // BAIMI_SERVICES_GRID_REGISTRY_DOMAIN_PLACE_NAME_H_
