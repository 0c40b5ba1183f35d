# Debian's libcaf-dev has no CMake package of its own. Gives caf::core and, where they are there,
# caf::io and caf::openssl. BEAVER_CAF_ROOT points at another build of CAF (ThreadSanitizer's).
set(_caf_hints)
if(BEAVER_CAF_ROOT)
  set(_caf_hints HINTS ${BEAVER_CAF_ROOT} NO_DEFAULT_PATH)
endif()
find_path(CAF_INCLUDE_DIR caf/all.hpp PATH_SUFFIXES include ${_caf_hints})
find_library(CAF_CORE_LIBRARY NAMES caf_core caf_core_static PATH_SUFFIXES lib lib64 ${_caf_hints})

find_library(CAF_IO_LIBRARY NAMES caf_io caf_io_static PATH_SUFFIXES lib lib64 ${_caf_hints})
find_library(CAF_OPENSSL_LIBRARY NAMES caf_openssl caf_openssl_static PATH_SUFFIXES lib lib64
             ${_caf_hints})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_IO_LIBRARY CAF_OPENSSL_LIBRARY)

if(CAF_FOUND AND NOT TARGET caf::core)
  find_package(Threads REQUIRED)
  add_library(caf::core UNKNOWN IMPORTED)
  set_target_properties(caf::core PROPERTIES IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
                                             INTERFACE_LINK_LIBRARIES Threads::Threads)
  # /usr/include named as a system directory breaks #include_next.
  if(NOT CAF_INCLUDE_DIR STREQUAL "/usr/include")
    target_include_directories(caf::core SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
  endif()
  if(CAF_IO_LIBRARY)
    add_library(caf::io UNKNOWN IMPORTED)
    set_target_properties(caf::io PROPERTIES IMPORTED_LOCATION ${CAF_IO_LIBRARY}
                                             INTERFACE_LINK_LIBRARIES caf::core)
  endif()
  if(CAF_IO_LIBRARY AND CAF_OPENSSL_LIBRARY)
    add_library(caf::openssl UNKNOWN IMPORTED)
    set_target_properties(caf::openssl PROPERTIES IMPORTED_LOCATION ${CAF_OPENSSL_LIBRARY}
                                                  INTERFACE_LINK_LIBRARIES caf::io)
  endif()
endif()
