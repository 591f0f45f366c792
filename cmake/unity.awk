# unity.awk -v most=LINES -v prefix=PATH FILE...: writes PATH0.cc, PATH1.cc, ...: sources that include the
# files in batches, one compiler run each. What each file declares in an unnamed namespace stays its
# own: a constant (kName) of two files gets another name in the second, files that share another name
# (but an alias of the same type) go into different batches. The lines of a batch together stay below `most`. Prints the written paths.

function declare(name, meaning) {
  if (name == "" || (FILENAME, name) in meanings) return
  meanings[FILENAME, name] = meaning == "" ? FILENAME : meaning
  if (name ~ /^k[A-Z]/) constants[FILENAME] = constants[FILENAME] " " name
  else names[FILENAME] = names[FILENAME] " " name
}

# The identifier before the first of `( = { [ ;` of a declaration.
function declared(line) {
  sub(/[(={\[;].*/, "", line)
  gsub(/[^A-Za-z0-9_ ].?/, " ", line)
  sub(/ *$/, "", line)
  sub(/.* /, "", line)
  return line
}

# Whether nothing in batch b has a name of the file with another meaning.
function agrees(file, b,   i, n, own) {
  n = split(names[file], own, " ")
  for (i = 1; i <= n; i++)
    if ((b, own[i]) in taken && taken[b, own[i]] != meanings[file, own[i]]) return 0
  return 1
}

# The text that includes a file in batch b.
function included(file, b,   i, n, own, before, after) {
  n = split(constants[file], own, " ")
  for (i = 1; i <= n; i++) {
    if ((b, own[i]) in taken) {
      before = before "#define " own[i] " " own[i] "_" b "_" ++renamed "\n"
      after = after "#undef " own[i] "\n"
    }
    taken[b, own[i]] = 1
  }
  return before "#include \"" file "\"\n" after
}

FNR == 1 { files[++count] = FILENAME; unnamed = 0 }
{ lines[FILENAME]++ }
/^#define / { sub(/\(.*/, "", $2); declare($2) }
/^namespace \{/ { unnamed = 1; next }
/^\}  \/\/ namespace$/ { unnamed = 0; next }
!unnamed || !/^[A-Za-z]/ || /^(return|template|TEST|INSTANTIATE)/ { next }
/^using [A-Za-z0-9_]+ = / || /^namespace [a-z_]+ = / { declare($2, $4); next }
/^using / { next }
/^(class|struct|enum|union) / { declare($2 == "class" ? $3 : $2); next }
{ declare(declared($0)) }

END {
  for (f = 1; f <= count; f++) {
    file = files[f]
    for (b = 0; b < batches; b++)
      if (total[b] + lines[file] <= most && agrees(file, b)) break
    if (b == batches) batches++
    total[b] += lines[file]
    n = split(names[file], own, " ")
    for (i = 1; i <= n; i++) taken[b, own[i]] = meanings[file, own[i]]
    text[b] = text[b] included(file, b)
  }
  for (b = 0; b < batches; b++) {
    path = prefix b ".cc"
    old = ""
    while ((getline line < path) > 0) old = old line "\n"
    close(path)
    if (old != text[b]) printf "%s", text[b] > path
    print path
  }
}
