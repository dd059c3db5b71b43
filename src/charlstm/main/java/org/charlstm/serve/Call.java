package org.charlstm.serve;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import module java.base;
import org.charlstm.base.Json;
import org.jspecify.annotations.Nullable;

/** A request and its answer. A client that sends or receives too slowly loses the connection. */
final class Call {
    /** The greatest length of a body in bytes, several times what the longest text needs. */
    static final int MAX_BODY = 256 * 1024;
    /** Bytes of a longer body that are still read, because a client that is still sending would not see the answer. */
    private static final int MAX_DRAINED = 4 * 1024 * 1024;

    private final HttpExchange exchange;
    private final ClientTimeout timeout;
    private @Nullable OutputStream stream;
    /** The bytes that the client has sent; for a body that is too long, one byte more than the limit. */
    private byte[] received = {};

    Call(HttpExchange exchange, ClientTimeout timeout) {
        this.exchange = exchange;
        this.timeout = timeout;
    }

    String method() {
        return exchange.getRequestMethod();
    }

    String path() {
        String path = exchange.getRequestURI().getRawPath();
        return path == null ? "" : path;
    }

    @Nullable
    String query() {
        return exchange.getRequestURI().getRawQuery();
    }

    Headers headers() {
        return exchange.getRequestHeaders();
    }

    Headers answer() {
        return exchange.getResponseHeaders();
    }

    /** Whether an answer has begun; then no other can follow. */
    boolean isAnswered() {
        return exchange.getResponseCode() >= 0;
    }

    /** Receives the body, if the request has one. */
    void receive() throws IOException {
        if (method().equals("POST")) {
            received = timeout.receiving(() -> {
                InputStream in = exchange.getRequestBody();
                byte[] read = in.readNBytes(MAX_BODY + 1);
                if (read.length > MAX_BODY) {
                    in.skip(MAX_DRAINED);
                }
                return read;
            });
        }
    }

    /** The JSON that was received. */
    JsonObject body() {
        List<String> types = headers().getOrDefault("Content-Type", List.of());
        // A page from elsewhere can send other content types without a preflight request.
        Problem.throwIf(types.size() != 1
                || !types.getFirst().toLowerCase(Locale.ROOT).matches("application/json *(;.*)?"), 415,
                "the body must be JSON, with the header Content-Type: application/json");
        Problem.throwIf(received.length > MAX_BODY, 413, "the body has more than " + MAX_BODY + " bytes");
        try {
            if (Json.strict(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(received)).toString(),
                    MAX_BODY) instanceof JsonObject object) {
                return object;
            }
            throw new Problem(400, "the body must be one JSON object");
        } catch (CharacterCodingException e) {
            throw new Problem(400, "the body is not UTF-8");
        } catch (JsonParseException e) {
            throw new Problem(400, "the body is not JSON");
        }
    }

    void json(int status, JsonElement value) throws IOException {
        json(status, Json.compact(value));
    }

    void json(int status, String value) throws IOException {
        bytes(status, "application/json; charset=utf-8", (value + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void bytes(int status, String type, byte[] body) throws IOException {
        answer().set("Content-Type", type);
        timeout.within(() -> {
            boolean none = body.length == 0 || method().equals("HEAD");
            if (none && body.length > 0) {
                answer().set("Content-Length", String.valueOf(body.length));
            }
            exchange.sendResponseHeaders(status, none ? -1 : body.length);
            if (!none) {
                exchange.getResponseBody().write(body);
            }
            return body;
        });
    }

    /** Sends a part of an answer of unknown length. */
    void part(String type, String text) throws IOException {
        timeout.within(() -> {
            OutputStream out = stream;
            if (out == null) {
                answer().set("Content-Type", type);
                exchange.sendResponseHeaders(200, 0);
                out = exchange.getResponseBody();
                stream = out;
            }
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return text;
        });
    }

    /** Ends the answer. The JDK's server first reads some of the data that the client sent and nobody has read. */
    void close() {
        timeout.quietly(() -> timeout.receiving(() -> {
            exchange.close();
            return this;
        }));
    }
}
