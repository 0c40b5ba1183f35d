#include "beaver/actors/secret.hpp"

#include "beaver/storage/base64.hpp"
#include "beaver/storage/error.hpp"

#include <cerrno>
#include <sys/random.h>
#ifdef BEAVER_WITH_SERVER
#include <openssl/crypto.h>
#include <openssl/evp.h>
#endif

namespace beaver::secret {

std::string random_text(std::size_t bytes) {
  std::string raw(bytes, '\0');
  for (std::size_t have = 0; have < bytes;) {
    const auto n = ::getrandom(raw.data() + have, bytes - have, 0);
    if (n < 0 && errno != EINTR)
      throw error(errc::io, "the system gives no random bytes");
    have += n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  std::string text;
  base64::append_url(text, raw);
  return text;
}

#ifdef BEAVER_WITH_SERVER

token_table::digest digest_of(std::string_view text) {
  // Looked up once: that takes as long as the digest itself.
  static const auto* const sha_256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  token_table::digest d;
  if (!sha_256
      || EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(d.data()), nullptr,
                    sha_256, nullptr)
           != 1)
    throw error(errc::internal, "libcrypto gives no SHA-256");
  return d;
}

bool same(const token_table::digest& a, const token_table::digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

#else

namespace {

[[noreturn]] void refuse() {
  throw error(errc::not_supported, "this build knows no tokens; build with BEAVER_WITH_SERVER=ON");
}

} // namespace

token_table::digest digest_of(std::string_view) { refuse(); }
bool same(const token_table::digest&, const token_table::digest&) { refuse(); }

#endif

} // namespace beaver::secret
