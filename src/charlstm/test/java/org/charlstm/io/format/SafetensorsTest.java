package org.charlstm.io.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.io.RawFile.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.io.RawFile;
import org.charlstm.nn.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("tensors.safetensors");
    }

    private Safetensors read(byte[] content) throws IOException {
        Files.write(file, content);
        return Safetensors.read(file);
    }

    @Test
    void tensorsKeepTheirOrder() throws IOException {
        List<Tensor> tensors = List.of(
                new Tensor("z", List.of(2, 3), new double[] {1, -2.5, 0, -0.0, Float.MIN_VALUE, Float.MAX_VALUE}),
                new Tensor("a \u00E9 \"quoted\"\n", List.of(1), new double[] {(float) Math.PI}),
                new Tensor("scalar", List.of(), new double[] {7}),
                new Tensor("empty", List.of(0, 4), new double[0]),
                new Tensor("no numbers", List.of(3), new double[] {Double.NaN, Double.POSITIVE_INFINITY,
                    Double.NEGATIVE_INFINITY}));
        Safetensors.write(file, tensors, Map.of());
        Safetensors content = Safetensors.read(file);
        assertEquals(tensors, new ArrayList<>(content.tensors().values()));
        assertEquals(tensors.stream().map(Tensor::name).toList(), new ArrayList<>(content.tensors().keySet()));
        assertEquals(Map.of(), content.metadata());
    }

    @Test
    void metadataKeepsItsOrder() throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "");
        metadata.put("quotes", "\"'`\\ / <&>");
        metadata.put("unicode \u00E9 \uD83D\uDE00", "\u732B \uD83D\uDE00 \u2028 \uFEFF \uFFFD");
        metadata.put("control", "\n\r\t\b\f\u0000\u001F\u007F");
        metadata.put("json", "{\"characters\":\"a\\\"b\"}");
        Safetensors.write(file, List.of(), metadata);
        Map<String, String> back = Safetensors.read(file).metadata();
        assertEquals(metadata, back);
        assertEquals(new ArrayList<>(metadata.keySet()), new ArrayList<>(back.keySet()));
    }

    /** Other programs read these files: a round trip alone proves too little. */
    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        Safetensors.write(file, List.of(new Tensor("a", List.of(2), new double[] {1, -2}),
                new Tensor("b", List.of(1, 1), new double[] {0.5})), Map.of("k", "v"));
        String header = json("{'__metadata__':{'k':'v'},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                + "'b':{'dtype':'F32','shape':[1,1],'data_offsets':[8,12]}}");
        // Padding with spaces aligns the data, as the format's own writer does.
        String padded = header + " ".repeat(-header.length() & 7);
        byte[] data = {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0, 0, 0, 0, 0x3F};
        assertArrayEquals(RawFile.of(padded, data), Files.readAllBytes(file));
    }

    @Test
    void theDataIsAlignedWhateverTheHeadersLength() throws IOException {
        for (int length = 0; length < 9; length++) {
            Safetensors.write(file, List.of(), Map.of("k", "\u00E9".repeat(length)));
            byte[] bytes = Files.readAllBytes(file);
            long declared = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            assertEquals(0, declared % 8);
            assertEquals(bytes.length - 8, declared);
            assertEquals('{', bytes[8]);
        }
    }

    @Test
    void valuesAreRoundedToTheNearestFloat() throws IOException {
        Safetensors.write(file, List.of(new Tensor("a", List.of(2), new double[] {0.1, 1 + 0x1p-30})), Map.of());
        assertArrayEquals(new double[] {0.1f, 1}, Safetensors.read(file).tensors().get("a").values());
    }

    @Test
    void everyFloatingPointTypeIsRead() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(16 + 8 + 8 + 6).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(Math.PI).putDouble(-Double.MIN_VALUE);
        data.putFloat(0.1f).putFloat(-1e30f);
        // binary16: 1, -2, the largest number and the smallest (IEEE 754-2019, table 3.5).
        data.putShort((short) 0x3C00).putShort((short) 0xC000).putShort((short) 0x7BFF).putShort((short) 0x0001);
        // bfloat16, the upper half of a binary32: 1, -2 and 2^-126, the smallest normal number.
        data.putShort((short) 0x3F80).putShort((short) 0xC000).putShort((short) 0x0080);
        Safetensors content = read(RawFile.of(json("{"
                + "'f64':{'dtype':'F64','shape':[2],'data_offsets':[0,16]},"
                + "'f32':{'dtype':'F32','shape':[1,2],'data_offsets':[16,24]},"
                + "'f16':{'dtype':'F16','shape':[2,2],'data_offsets':[24,32]},"
                + "'bf16':{'dtype':'BF16','shape':[3],'data_offsets':[32,38]}}"), data.array()));
        Map<String, Tensor> tensors = content.tensors();
        assertArrayEquals(new double[] {Math.PI, -Double.MIN_VALUE}, tensors.get("f64").values());
        assertArrayEquals(new double[] {0.1f, -1e30f}, tensors.get("f32").values());
        assertArrayEquals(new double[] {1, -2, 65504, 0x1p-24}, tensors.get("f16").values());
        assertArrayEquals(new double[] {1, -2, 0x1p-126}, tensors.get("bf16").values());
        assertEquals(List.of(2, 2), tensors.get("f16").shape());
        assertEquals(Map.of(), content.metadata());
    }

    @Test
    void theHeaderNeedNotFollowTheOrderOfTheData() throws IOException {
        byte[] data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).putFloat(2).array();
        Map<String, Tensor> tensors = read(RawFile.of(json("{'second':{'data_offsets':[4,8],'shape':[1],'dtype':'F32'},"
                + "'__metadata__':{},'first':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}   "), data)).tensors();
        assertArrayEquals(new double[] {1}, tensors.get("first").values());
        assertArrayEquals(new double[] {2}, tensors.get("second").values());
        assertEquals(List.of("second", "first"), new ArrayList<>(tensors.keySet()));
    }

    @Test
    void equalContentGivesEqualBytes() throws IOException {
        List<Tensor> tensors = List.of(new Tensor("a", List.of(2), new double[] {0.1, Double.NaN}));
        Path other = folder.resolve("other.safetensors");
        Safetensors.write(file, tensors, Map.of("k", "\u00E9"));
        Safetensors.write(other, tensors, Map.of("k", "\u00E9"));
        assertEquals(-1, Files.mismatch(file, other));
        assertTrue(new String(Files.readAllBytes(file), UTF_8).contains("\u00E9"), "text stays legible UTF-8");
    }

    @Test
    void aMissingFileAndAFolderAreRefused() {
        assertTrue(assertRefused(file.toString(), () -> Safetensors.read(file)).contains("does not exist"));
        assertTrue(assertRefused(folder.toString(), () -> Safetensors.read(folder)).contains("is a folder"));
    }
}
