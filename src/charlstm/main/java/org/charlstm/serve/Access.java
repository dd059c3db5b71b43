package org.charlstm.serve;

import com.sun.net.httpserver.Headers;
import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests are answered. {@code Host} must be a name of this server, against other names that lead here;
 * {@code Origin} must be this server's own page. If other machines can reach the server, a token is required.
 */
final class Access {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:\\d{1,5})?");
    /** An IP address, which no name server controls. */
    private static final Pattern ADDRESS = Pattern.compile("\\[.*]|\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String name;
    private final boolean everywhere;
    private final @Nullable String token;
    private final String cookie;

    /** For a server's name or address. The cookie's name has the port, as a browser shares cookies among ports. */
    Access(String name, boolean everywhere, @Nullable String token, int port) {
        this.name = name.toLowerCase(Locale.ROOT);
        this.everywhere = everywhere;
        this.token = token;
        cookie = "charlstm-" + port;
    }

    /** The text of {@code bytes} random bytes, which cannot be guessed. */
    static String randomToken(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }

    /** Refuses a request from another site's page, or to another name. */
    void check(Headers headers) {
        List<String> hosts = headers.getOrDefault("Host", List.of());
        Matcher host = HOST.matcher(hosts.size() == 1 ? hosts.getFirst() : "");
        Problem.throwIf(!host.matches() || !isOwn(host.group(1).toLowerCase(Locale.ROOT)), 403,
                "this server is not reached by that name; the Host header must be an address or localhost");
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            Problem.throwIf(!origin.equalsIgnoreCase("http://" + hosts.getFirst()), 403,
                    "requests of other pages are refused");
        }
        // A link elsewhere may open a page here, because the page with the link cannot read it.
        boolean followsLink = headers.getOrDefault("Sec-Fetch-Mode", List.of()).equals(List.of("navigate"))
                && headers.getOrDefault("Sec-Fetch-Dest", List.of()).equals(List.of("document"));
        Problem.throwIf(!followsLink && headers.getOrDefault("Sec-Fetch-Site",
                List.of()).stream().anyMatch(site -> !site.equals("same-origin") && !site.equals("none")), 403,
                "requests of other pages are refused");
    }

    private boolean isOwn(String host) {
        return LOOPBACK.matcher(host).matches() || host.equals(name) || (everywhere && ADDRESS.matcher(host).matches());
    }

    /** Refuses a request that has the token neither as a bearer token nor in the cookie. */
    void authenticate(Headers headers) {
        Stream<String> bearers = headers.getOrDefault("Authorization", List.of()).stream()
                .filter(value -> value.startsWith("Bearer ")).map(value -> value.substring("Bearer ".length()));
        Stream<String> cookies = headers.getOrDefault("Cookie", List.of()).stream()
                .flatMap(value -> Stream.of(value.split("; *", 100)))
                .filter(value -> value.startsWith(cookie + "=")).map(value -> value.substring(cookie.length() + 1));
        Problem.throwIf(token != null && Stream.concat(bearers, cookies).noneMatch(this::isToken), 401,
                "this server wants its token: open the address that it printed, or send the header Authorization: "
                        + "Bearer TOKEN");
    }

    /** The cookie for a browser that opens the address with the token; null if the query lacks the token. */
    @Nullable
    String cookieFor(@Nullable String query) {
        return token != null && query != null && query.startsWith("token=")
                && isToken(query.substring("token=".length()))
                        ? cookie + "=" + token + "; Path=/; HttpOnly; SameSite=Strict" : null;
    }

    /** Compares in constant time. */
    private boolean isToken(String sent) {
        return token != null && MessageDigest.isEqual(sent.getBytes(StandardCharsets.UTF_8),
                token.getBytes(StandardCharsets.UTF_8));
    }
}
