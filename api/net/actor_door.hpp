#pragma once
#include <caf/atom.hpp>

// What a published database and its peers say before there are managers to talk to.
namespace beaver::net {

/// With the version of the library, which is the answer: messages have no compatibility beyond it.
using hello_atom = caf::atom_constant<caf::atom("hello")>;
/// With type and name of a manager; the answer is its handle.
using manager_atom = caf::atom_constant<caf::atom("manager")>;
/// Whether anybody is there.
using ping_atom = caf::atom_constant<caf::atom("ping")>;

} // namespace beaver::net
