# Writes SOURCE's bytes into the C++ file TARGET as the null-terminated array NAME of NAMESPACE,
# declared in HEADER. Bytes instead of a literal: literals have a length limit.
file(READ ${SOURCE} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${TARGET}
  "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nconst char ${NAME}[] = {\n${bytes}'\\0'};\n\n}\n")
