package org.charlstm.io.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.io.RawFile;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Python;
import org.charlstm.nn.Tensor;
import org.charlstm.text.Features;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("outside")
class FeatureFileTest {
    private static final String FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    @TempDir
    private Path folder;

    /** A file of version 1.0 with a header as it is, not padded. */
    private static byte[] npy(String header, byte... data) {
        return ByteBuffer.allocate(10 + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .put("\u0093NUMPY\u0001\0".getBytes(ISO_8859_1)).putShort((short) header.length())
                .put(header.getBytes(ISO_8859_1)).put(data).array();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private Path file(byte... content) throws IOException {
        return Files.write(folder.resolve("features.npy"), content);
    }

    private String refusal(byte... content) throws IOException {
        Path file = file(content);
        return assertRefused(file.toString(), () -> FeatureFile.read(file)).substring(file.toString().length() + 1);
    }

    private static float[][] values(Features features) {
        float[][] values = new float[features.rows()][features.columns()];
        for (int row = 0; row < values.length; row++) {
            features.row(row, values[row], 0);
        }
        return values;
    }

    @Test
    void aMatrixIsReadRowByRow() throws IOException {
        Path file = file(npy(FLOATS, floats(1, 2, 3, 4, 5, 6)));
        Features features = FeatureFile.read(file);
        assertEquals(file.toString(), features.source());
        assertArrayEquals(new float[][] {{1, 2, 3}, {4, 5, 6}}, values(features));
    }

    @Test
    void readsColumnMajorAndMembersInAnyOrder() throws IOException {
        byte[] file = npy("{\"shape\":(2,3),\"fortran_order\":True,\"descr\":\"<f4\"}\n", floats(1, 4, 2, 5, 3, 6));
        assertArrayEquals(new float[][] {{1, 2, 3}, {4, 5, 6}}, values(FeatureFile.read(file(file))));
    }

    /** Each type with the bytes of two values, in hexadecimal. */
    @ParameterizedTest
    @CsvSource({"<f2,003c00c0,1,-2", ">f2,3c00c000,1,-2", ">f4,3f800000c0000000,1,-2",
        "<f8,000000000000f03f00000000000000c0,1,-2", ">f8,3ff0000000000000c000000000000000,1,-2", "|i1,01fe,1,-2",
        "|u1,01fe,1,254", "<i2,0100feff,1,-2", ">u2,0001fffe,1,65534", "<i4,01000000feffffff,1,-2",
        "<u4,01000000feffffff,1,4294967294", "<i8,0100000000000000feffffffffffffff,1,-2",
        ">u8,0000000000000001ffffffffffffffff,1,18446744073709551615", "|b1,0100,1,0", "f4,0000803f000000c0,1,-2"})
    void everyTypeIsRead(String type, String bytes, float first, float second) throws IOException {
        byte[] data = HexFormat.of().parseHex(bytes);
        byte[] file = npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': (1, 2)}", data);
        assertArrayEquals(new float[][] {{first, second}}, values(FeatureFile.read(file(file))));
    }

    @Test
    void readsMoreThanABufferInEitherOrder() throws IOException {
        int rows = 700;
        int columns = 900;
        float[][] expected = new float[rows][columns];
        ByteBuffer byRow = ByteBuffer.allocate(8 * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer byColumn = ByteBuffer.allocate(8 * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                expected[row][column] = row * columns + column;
                byRow.putDouble(expected[row][column]);
                byColumn.putDouble(8 * (column * rows + row), expected[row][column]);
            }
        }
        String header = "{'descr': '<f8', 'fortran_order': %s, 'shape': (700, 900), }";
        assertArrayEquals(expected, values(FeatureFile.read(file(npy(header.formatted("False"), byRow.array())))));
        assertArrayEquals(expected, values(FeatureFile.read(file(npy(header.formatted("True"), byColumn.array())))));
    }

    @Test
    void writtenFilesAreAlignedAndRoundTrip() throws IOException {
        float[][] values = {{1.5f, -2, Float.MIN_VALUE}, {4, Float.MAX_VALUE, -0.0f}};
        Path file = folder.resolve("written.npy");
        FeatureFile.write(file, new Features("x", values));
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(npy(FLOATS + " ".repeat(117 - FLOATS.length()) + "\n", floats(values[0])));
        expected.writeBytes(floats(values[1]));
        assertArrayEquals(expected.toByteArray(), Files.readAllBytes(file));
        assertArrayEquals(values, values(FeatureFile.read(file)));
        assertRefused("cannot be written", () -> FeatureFile.write(folder, new Features("x", values)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'<f4'|False|(6,)|has the shape (6,); it must be (N, F), a row for each caption: of one feature for each "
                + "caption, numpy.save('features.npy', features.reshape(-1, 1))",
        "'<f4'|False|()|has the shape (); it must be (N, F), a row for each caption",
        "'<f4'|False|(2, 3, 1)|has the shape (2, 3, 1); it must be (N, F), a row for each caption: "
                + "numpy.save('features.npy', features.reshape(len(features), -1))",
        "'<f4'|False|(0, 3)|has the shape (0, 3); there must be a row at least",
        "'<f4'|True|(3, 0)|has the shape (3, 0); there must be a column at least",
        "'<f4'|False|(2, 4)|is cut short: a matrix of shape (2, 4) needs 32 bytes, and there are 24",
        "'<f4'|False|(2, 2)|has 8 bytes after its last value",
        "'<f8'|False|(2147483647, 2147483647)|is cut short: a matrix of shape (2147483647, 2147483647) needs "
                + "9223372036854775807 bytes, and there are 24",
        "'<f4'|False|(2147483648, 1)|has the shape (2147483648, 1); neither may be more than 2147483647",
        "'O'|False|(2, 3)|holds pickled Python objects; save numbers, as by numpy.save('features.npy', "
                + "numpy.array(rows, dtype='float32'))",
        "'<c8'|False|(2, 3)|holds values of NumPy's type <c8; save float32, as by numpy.save('features.npy', "
                + "features.astype('float32'))",
        "'<f16'|False|(2, 3)|holds values of NumPy's type <f16; save float32, as by numpy.save('features.npy', "
                + "features.astype('float32'))",
        "[('a', '<f4')]|False|(2, 3)|holds values of NumPy's type [('a', '<f4')]; save float32, as by "
                + "numpy.save('features.npy', features.astype('float32'))",
        "'<f4'|0|(2, 3)|is .npy, but its header is broken", "'<f4'|False|[2, 3]|is .npy, but its header is broken",
        "'<f4'|False|(2 3)|is .npy, but its header is broken", "'<f4'|False|(-2, 3)|is .npy, but its header is broken",
        "'<f4'|(1,)|(2, 3)|is .npy, but its header is broken",
        "'<f4'|False|(2, 3), 'shape': (2, 3)|is .npy, but its header is broken",
        "'<f4'|False|(2, 3), 'more': 1|is .npy, but its header is broken",
        "'<f4'|False|(2, 3)} {|is .npy, but its header is broken"})
    void otherHeadersAreRefused(String type, String order, String shape, String message) throws IOException {
        byte[] data = floats(1, 2, 3, 4, 5, 6);
        assertEquals(message, refusal(npy("{'descr': " + type + ", 'fortran_order': " + order
                + ", 'shape': " + shape + ", }", data)));
    }

    @Test
    void nonFiniteValuesAreNamed() throws IOException {
        assertEquals("has NaN in row 1, column 0, both from 0, as float32; each value must be finite",
                refusal(npy(FLOATS, floats(1, 2, 3, Float.NaN, 5, 6))));
        ByteBuffer large = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(1e300);
        assertEquals("has Infinity in row 0, column 0, both from 0, as float32; each value must be finite",
                refusal(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}", large.array())));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        String wanted = "; name a .npy file, as numpy.save writes it, or a .safetensors file";
        assertEquals("is empty" + wanted, refusal());
        assertEquals("is neither .npy nor safetensors" + wanted, refusal("a caption\n".getBytes(ISO_8859_1)));
        assertEquals("is an archive such as .npz; save one of its arrays alone: numpy.save('features.npy', "
                + "numpy.load('features.npz')['NAME'])", refusal(new byte[] {'P', 'K', 3, 4, 0}));
        assertEquals("is cut short: it ends within its header", refusal("\u0093NUMPY".getBytes(ISO_8859_1)));
        assertEquals("is .npy of version 4.0; only 1.0, 2.0 and 3.0 are read",
                refusal("\u0093NUMPY\u0004\0\0\0".getBytes(ISO_8859_1)));
        assertEquals("is .npy of version 1.2; only 1.0, 2.0 and 3.0 are read",
                refusal("\u0093NUMPY\u0001\2\0\0".getBytes(ISO_8859_1)));
        assertEquals("declares a header of 4294967295 bytes; no matrix has one of more than 10000",
                refusal("\u0093NUMPY\u0002\0\u00FF\u00FF\u00FF\u00FF".getBytes(ISO_8859_1)));
        Path missing = folder.resolve("missing.npy");
        assertEquals(missing + " does not exist" + wanted, assertRefused("missing", () -> FeatureFile.read(missing)));
        assertEquals(folder + " is a folder" + wanted, assertRefused("folder", () -> FeatureFile.read(folder)));
    }

    @Test
    void anyFileCutShortIsRefused() throws IOException {
        byte[] whole = npy(FLOATS, floats(1, 2, 3, 4, 5, 6));
        for (int length = 0; length < whole.length; length++) {
            refusal(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void tooLittleMemoryIsReported() throws IOException {
        Path file = file(npy("{'descr': '|i1', 'fortran_order': False, 'shape': (2147483647, 1)}"));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            // A file with a hole: it takes no place on the disk, nor does reading begin.
            channel.write(ByteBuffer.allocate(1), channel.size() + 2147483646L);
        }
        String message = assertRefused(file.toString(), () -> FeatureFile.read(file));
        assertTrue(message.contains(" does not fit in the JVM's memory, "), message);
        assertTrue(message.endsWith(" MiB: 2,147,483,647 rows of 1 feature take 8,191 MiB; give the JVM more with "
                + "JDK_JAVA_OPTIONS=-Xmx..."), message);
    }

    @Test
    void safetensorsAreRecognisedByContent() throws IOException {
        Path file = folder.resolve("features.npy");
        Tensor features = new Tensor("features", List.of(2, 2), new double[] {1, 2, 3, 4});
        Tensor other = new Tensor("other", List.of(1, 2), new double[] {5, 6});
        Safetensors.write(file, List.of(other, features), Map.of());
        assertArrayEquals(new float[][] {{1, 2}, {3, 4}}, values(FeatureFile.read(file)));
        Safetensors.write(file, List.of(other), Map.of());
        assertArrayEquals(new float[][] {{5, 6}}, values(FeatureFile.read(file)));
    }

    @ParameterizedTest
    @CsvSource({"F64,000000000000f03f00000000000000c0", "F32,0000803f000000c0", "F16,003c00c0", "BF16,803f00c0"})
    void safetensorsOfEachTypeAreRead(String type, String bytes) throws IOException {
        byte[] data = HexFormat.of().parseHex(bytes);
        byte[] file = RawFile.of("{\"x\":{\"dtype\":\"" + type + "\",\"shape\":[1,2],\"data_offsets\":[0," + data.length
                + "]}}", data);
        assertArrayEquals(new float[][] {{1, -2}}, values(FeatureFile.read(file(file))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'x':{'dtype':'I32','shape':[1,2],'data_offsets':[0,8]}}|holds the tensor x as I32; only F64, F32, F16 and "
                + "BF16 are read",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|holds the tensor x of shape [2]; it must be [N, F], a "
                + "row for each caption: reshape it",
        "{'x':{'dtype':'F32','shape':[1,1,2],'data_offsets':[0,8]}}|holds the tensor x of shape [1, 1, 2]; it must be "
                + "[N, F], a row for each caption: reshape it",
        "{'x':{'dtype':'F32','shape':[1,1],'data_offsets':[0,4]},'y':{'dtype':'F32','shape':[1,1],'data_offsets':"
                + "[4,8]}}|has 2 tensors, and none is named features; save one alone, or under that name",
        "{'x':{'dtype':'F32','shape':[1,3],'data_offsets':[0,12]}}|is cut short or broken: the tensor x of shape "
                + "[1, 3] needs 12 bytes at 0 to 12, and there are 8"})
    void otherSafetensorsAreRefused(String header, String message) throws IOException {
        assertEquals(message, refusal(RawFile.of(RawFile.json(header), new byte[8])));
    }

    @Test
    void safetensorsWithoutATensorOrARowAreRefused() throws IOException {
        assertEquals("has 0 tensors, and none is named features; save one alone, or under that name",
                refusal(RawFile.of("{}")));
        assertEquals("holds the tensor x of shape [0, 2]; there must be a row at least",
                refusal(RawFile.of("{\"x\":{\"dtype\":\"F32\",\"shape\":[0,2],\"data_offsets\":[0,0]}}")));
        assertEquals("is no safetensors file, or is cut short: of a header of 99 bytes it has 2",
                refusal(RawFile.of(99, "{}")));
    }

    @Test
    @Needs(Need.NUMPY)
    void numPyInterchange() throws IOException, InterruptedException {
        float[][] expected = {{0, 1, 2, 3}, {4, 5, 6, 7}, {1, 0, 1, 0}};
        List<String> files = Python.output("numpy", "features.py", "write", folder).lines().toList();
        assertEquals(31, files.size());
        for (String file : files) {
            assertArrayEquals(expected, values(FeatureFile.read(Path.of(file))), file);
        }
        assertArrayEquals(new float[][] {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 0, 0}},
                values(FeatureFile.read(folder.resolve("bool.npy"))));
        for (String bad : List.of("object.npy|pickled Python objects", "structured.npy|[('a', '<f4'), ('b', '<i4')]",
                "complex.npy|<c8", "words.npy|<U2", "archive.npz|numpy.load")) {
            Path file = folder.resolve(bad.substring(0, bad.indexOf('|')));
            assertRefused(bad.substring(bad.indexOf('|') + 1), () -> FeatureFile.read(file));
        }
        Path written = folder.resolve("written.npy");
        FeatureFile.write(written, new Features("x", new float[][] {{1.5f, 2}, {-3, 0.25f}, {0, 6}}));
        assertEquals("<f4 (3, 2) True [1.5, 2.0, -3.0, 0.25, 0.0, 6.0]\n",
                Python.output("numpy", "features.py", "read", written));
    }
}
