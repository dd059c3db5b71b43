package org.charlstm.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.io.RawFile.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.io.format.Safetensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers that are wrong in one way each: tensor a, of the first eight bytes of data, is right; a fault follows. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileHeaderTest {
    private static final String A = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";
    private static final int DEEP = 100_000;

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("hostile.safetensors");
    }

    private void assertHeaderRefused(String header, int dataBytes) throws IOException {
        Files.write(file, RawFile.of(header, new byte[dataBytes]));
        assertRefused(file.toString(), () -> Safetensors.read(file));
    }

    /** Guards the tests below, whose refusals might otherwise have another reason. */
    @Test
    void validHeaderIsRead() throws IOException {
        Files.write(file, RawFile.of(json("{" + A + ",'b':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}"),
                new byte[12]));
        assertEquals(Set.of("a", "b"), Safetensors.read(file).tensors().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // Not one number each, or not a whole one that can be a dimension.
        "1", "'1'", "null", "{}", "true", "['1']", "['one']", "[null]", "[true]", "[[1]]", "[{}]", "[0.5]", "[1.5]",
        "[1e99]", "[1e99999]", "[-1]", "[4294967297]",
        // Of a wrong size, the last one only to those who let negative numbers multiply.
        "[2]", "[1,2]", "[0]", "[-1,-1]"})
    void shapesThatDoNotFit(String shape) throws IOException {
        assertHeaderRefused(json("{" + A + ",'b':{'dtype':'F32','shape':" + shape + ",'data_offsets':[8,12]}}"), 12);
    }

    /** If 64 bits wrapped, the first and second would be 0 elements and the third 0 bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"[65536,65536,65536,65536]", "[1073741824,1073741824,16]", "[1073741824,1073741824,4]",
        "[2147483647,2147483647,2147483647]", "[2147483647,2147483647,2]"})
    void shapesThatOverflow(String shape) throws IOException {
        assertHeaderRefused(json("{" + A + ",'b':{'dtype':'F32','shape':" + shape + ",'data_offsets':[8,8]}}"), 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "8", "'8'", "null", "{}", "[]", "[8]", "[8,12,12]", "['8','12']", "['x','y']", "[null,null]", "[[8],[12]]",
        "[8.5,12.5]", "[8,1e99]", "[8,1e99999]", "[8,18446744073709551628]",
        // Beyond either end of the data, reversed, overlapping a, and after a gap.
        "[-4,0]", "[12,16]", "[12,8]", "[4,8]", "[0,4]", "[9223372036854775804,9223372036854775807]",
        "[9223372036854775807,-9223372036854775805]"})
    void offsetsThatDoNotFit(String offsets) throws IOException {
        assertHeaderRefused(json("{" + A + ",'b':{'dtype':'F32','shape':[1],'data_offsets':" + offsets + "}}"), 12);
    }

    @Test
    void gapsBetweenTensorsAndBytesAfterThemAreRefused() throws IOException {
        String entry = ",'b':{'dtype':'F32','shape':[1],'data_offsets':";
        assertHeaderRefused(json("{" + A + entry + "[12,16]}}"), 16);
        assertHeaderRefused(json("{" + A + entry + "[9,13]}}"), 13);
        assertHeaderRefused(json("{'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"), 8);
        assertHeaderRefused(json("{" + A + entry + "[8,12]}}"), 13);
        assertHeaderRefused(json("{" + A + entry + "[8,12]}}"), 11);
        assertHeaderRefused("{}", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'I32'", "'F8_E4M3'", "'f32'", "''", "'F32 '", "'F\\n32'", "7", "null", "true", "[]", "{}",
        "['F32']", "['F32','F32']"})
    void typesThatAreNotRead(String dtype) throws IOException {
        assertHeaderRefused(json("{" + A + ",'b':{'dtype':" + dtype + ",'shape':[1],'data_offsets':[8,12]}}"), 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "null", "'F32'", "[]", "{}", "{'shape':[1],'data_offsets':[8,12]}",
        "{'dtype':'F32','data_offsets':[8,12]}", "{'dtype':'F32','shape':[1]}"})
    void entriesThatDoNotDescribeATensor(String entry) throws IOException {
        assertHeaderRefused(json("{" + A + ",'b':" + entry + "}"), 12);
        assertHeaderRefused(json("{" + A + ",'b\\nc':" + entry + "}"), 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\\u0061"})
    void aNameThatOccursTwice(String name) throws IOException {
        String again = ",'" + name + "':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";
        assertHeaderRefused(json("{" + A + again), 8);
        assertHeaderRefused(json("{" + A + again.replace("[0,8]", "[8,16]")), 16);
    }

    @Test
    void namesWithLineFeedsAreRefusedInOneLine() throws IOException {
        String entry = "'b\\nc':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}";
        assertHeaderRefused(json("{" + A + "," + entry + "," + entry + "}"), 12);
        assertHeaderRefused(json("{" + A + "," + entry.replace("[1]", "[2]") + "}"), 12);
        assertHeaderRefused(json("{" + A + "," + entry.replace("[8,12]", "[12,16]") + "}"), 16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'k':1}", "{'k':true}", "{'k':null}", "{'k':{}}", "{'k':[]}", "{'k':['v']}",
        "{'k':['v','w']}", "[]", "['v']", "'v'", "1", "null"})
    void metadataThatIsNotStrings(String metadata) throws IOException {
        assertHeaderRefused(json("{'__metadata__':" + metadata + "," + A + "}"), 8);
    }

    @Test
    void metadataThatOccursTwice() throws IOException {
        assertHeaderRefused(json("{'__metadata__':{}," + A + ",'__metadata__':{}}"), 8);
    }

    static Stream<String> headersThatAreNotAnObject() {
        String right = json("{" + A + "}");
        return Stream.of("  ", "no JSON", "null", "7", "[]", "[" + right + "]", "\"{}\"", "{", "}", "{]", "{\"a\"",
                right.substring(0, right.length() - 1), right + "}", right + right, right + " x", "/**/" + right,
                right.replace('"', '\''), right.replace("\"a\"", "a"), right.replace("}}", "},}"),
                right.replace("[2]", "[2,]"), "\uFEFF" + right, right + "\u0000",
                "[".repeat(DEEP), "{\"a\":" + "[".repeat(DEEP), "{\"a\":".repeat(DEEP),
                "{\"a\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}",
                "{\"__metadata__\":{\"k\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}}");
    }

    // The headers themselves would make unwieldy names.
    @ParameterizedTest(name = "{index}")
    @MethodSource("headersThatAreNotAnObject")
    void notOneObject(String header) throws IOException {
        assertHeaderRefused(header, 8);
    }

    @Test
    void aHeaderThatIsNotUtf8() throws IOException {
        byte[] header = json("{" + A.replace("'a'", "'\u00E9'") + "}").getBytes(ISO_8859_1);
        Files.write(file, RawFile.of(header.length, header, new byte[8]));
        assertRefused(file.toString(), () -> Safetensors.read(file));
    }

    /** Reading allocates a small multiple of the header's bytes. */
    static Stream<Arguments> costlyHeaders() {
        String empty = json("'%d':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}");
        return Stream.of(
                Arguments.of("tensors", "{" + IntStream.range(0, 200_000).mapToObj(empty::formatted)
                        .collect(Collectors.joining(",")) + "}"),
                Arguments.of("dimensions", json("{'a':{'dtype':'F32','shape':[0" + ",0".repeat(5_000_000)
                        + "],'data_offsets':[0,0]}}")),
                Arguments.of("dimensions", json("{'a':{'dtype':'F32','shape':[0],'data_offsets':[0" + ",0"
                        .repeat(5_000_000) + "]}}")),
                Arguments.of("metadata", json("{'__metadata__':{" + IntStream.range(0, 500_000)
                        .mapToObj("'%d':''"::formatted).collect(Collectors.joining(",")) + "}}")));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("costlyHeaders")
    void largeHeadersAreRefusedBeforeAllocation(String what, String header) throws IOException {
        Files.write(file, RawFile.of(header));
        long[] before = {0, 0};
        String message = assertRefused(file.toString(), () -> {
            before[0] = allocated();
            try {
                Safetensors.read(file);
            } finally {
                before[1] = allocated();
            }
        });
        assertTrue(message.contains(what), message);
        long ratio = (before[1] - before[0]) / header.length();
        assertTrue(ratio < 16, ratio + " bytes for each of the header's");
    }

    @ParameterizedTest
    @CsvSource({"16,true", "17,false", "18,false", "19,false"})
    void numberOfDimensionsIsBounded(int dimensions, boolean read) throws IOException {
        String shape = "1" + ",1".repeat(dimensions - 1);
        String header = json("{'a':{'dtype':'F32','shape':[" + shape + "],'data_offsets':[0,4]}}");
        Files.write(file, RawFile.of(header, new byte[4]));
        if (read) {
            assertEquals(1, Safetensors.read(file).tensors().size());
        } else {
            assertTrue(assertRefused(file.toString(), () -> Safetensors.read(file)).contains("16 dimensions"));
        }
    }

    @Test
    void unusedMembersAreBoundedToo() throws IOException {
        Files.write(file, RawFile.of(json("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':{'y':'z'}}}"),
                new byte[4]));
        assertEquals(1, Safetensors.read(file).tensors().size());
        assertHeaderRefused(json("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':[[],[]" + ",[]".repeat(99)
                + "]}}"), 4);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
