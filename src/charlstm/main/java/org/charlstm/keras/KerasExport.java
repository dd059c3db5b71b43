package org.charlstm.keras;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.jhdf.exceptions.HdfException;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Setting;
import org.charlstm.base.TemporaryFolder;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/** Writes models in Keras' formats. */
final class KerasExport {
    /** The version in HDF5 files: the layout is this version's, and later versions of Keras read it too. */
    private static final String VERSION = "2.4.0";
    private static final String BACKEND = "tensorflow";
    /** The version in archives. */
    private static final String VERSION_3 = "3.0.0";
    /** The fixed time of all files in an archive, as in Keras' own archives, so equal models give equal bytes. */
    private static final LocalDateTime ZIP_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    /** The attribute in which jHDF stores its own name and the machine's name. */
    private static final String SIGNED = "_jHDF";

    /** Writes a whole model, for load_model and load_weights of Keras 2 and 3. */
    static void model(Path file, SavedModel model) {
        requireUnconditioned(model.config());
        writeHdf5(file, root -> {
            root.putAttribute("model_config", KerasConfigWriter.ofKeras2(model));
            root.putAttribute("keras_version", VERSION);
            root.putAttribute("backend", BACKEND);
            WritableGroup group = root.putGroup("model_weights");
            group.putAttribute("keras_version", VERSION);
            group.putAttribute("backend", BACKEND);
            // Loaders ignore layers without weights.
            List<String> layers = withWeights(model.config()).stream().map(ModelConfig.Named::name).toList();
            group.putAttribute("layer_names", layers.toArray(String[]::new));
            for (String layer : layers) {
                List<Tensor> arrays = arrays(model.weights(), layer);
                WritableGroup outer = group.putGroup(layer);
                outer.putAttribute("weight_names", arrays.stream()
                        .map(array -> layer + "/" + shortName(array) + ":0").toArray(String[]::new));
                WritableGroup inner = outer.putGroup(layer);
                arrays.forEach(array -> inner.putDataset(shortName(array) + ":0", floats(array)));
            }
        });
    }

    /** Writes weights alone, for load_weights of Keras 3. */
    static void weights(Path file, SavedModel model) {
        requireUnconditioned(model.config());
        writeHdf5(file, root -> putNumbered(root, model));
    }

    /** Writes an archive of Keras 3, for load_model. */
    static void archive(Path file, SavedModel model) {
        requireUnconditioned(model.config());
        if (ExportFormat.isOfKeras2Alone(model.config())) {
            throw new CharlstmException("Keras 3 computes another hard_sigmoid than this model's, which is that of "
                    + "Keras 1 and 2; export it as HDF5").mendedBy(Setting.FILE_FORMAT);
        }
        write(file, root -> putNumbered(root, model), (weights, channel) -> {
            ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
            zip.setLevel(Deflater.NO_COMPRESSION);
            zip.putNextEntry(entry(KerasArchive.METADATA));
            zip.write(("{\"keras_version\": \"" + VERSION_3 + "\"}").getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(entry(KerasArchive.CONFIG));
            zip.write(KerasConfigWriter.ofKeras3(model).getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(entry(KerasArchive.WEIGHTS));
            Files.copy(weights, zip);
            zip.finish();
        });
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(ZIP_TIME);
        return entry;
    }

    private static void putNumbered(WritableHdfFile root, SavedModel model) {
        WritableGroup group = root.putGroup("layers");
        for (ModelConfig.Named layer : withWeights(model.config())) {
            RecurrentCell cell = layer.layer() instanceof RecurrentLayer recurrent ? recurrent.cell() : null;
            int number = Integer.parseInt(layer.name().substring(layer.layer().kind().length() + 1)) - 1;
            WritableGroup outer = group.putGroup((cell == null ? layer.layer().kind() : ForeignCell.of(cell).group())
                    + (number == 0 ? "" : "_" + number));
            if (cell != null) {
                // Keras' readers look only at arrays, so attributes do not disturb them.
                new TreeMap<>(cell.options()).forEach(outer::putAttribute);
            }
            WritableGroup variables = (cell == null ? outer : outer.putGroup("cell")).putGroup("vars");
            List<Tensor> arrays = arrays(model.weights(), layer.name());
            for (int i = 0; i < arrays.size(); i++) {
                variables.putDataset(Integer.toString(i), floats(arrays.get(i)));
            }
        }
    }

    private static void requireUnconditioned(ModelConfig config) {
        if (config.features() > 0) {
            throw new CharlstmException("Keras' Sequential models have no first state that features could set; export "
                    + "this one for PyTorch").mendedBy(Setting.FILE_FORMAT);
        }
    }

    private static List<ModelConfig.Named> withWeights(ModelConfig config) {
        return config.named().stream().filter(layer -> !layer.tensors().isEmpty()).toList();
    }

    private static List<Tensor> arrays(Weights weights, String layer) {
        return weights.tensors().stream().filter(tensor -> tensor.name().startsWith(layer + ".")).toList();
    }

    private static String shortName(Tensor tensor) {
        return tensor.name().substring(tensor.name().indexOf('.') + 1);
    }

    /** A vector or a matrix in the form that jHDF takes. */
    private static Object floats(Tensor tensor) {
        boolean vector = tensor.shape().size() == 1;
        float[][] rows = new float[vector ? 1 : tensor.shape().getFirst()][tensor.shape().getLast()];
        for (int i = 0; i < tensor.values().length; i++) {
            rows[i / tensor.shape().getLast()][i % tensor.shape().getLast()] = (float) tensor.values()[i];
        }
        return vector ? rows[0] : rows;
    }

    private static void writeHdf5(Path file, Consumer<WritableHdfFile> content) {
        write(file, content, (hdf5, channel) -> Files.copy(hdf5, Channels.newOutputStream(channel)));
    }

    /** Writes the destination from an HDF5 file. */
    private interface Copy {
        void write(Path hdf5, FileChannel channel) throws IOException;
    }

    /** Writes through a temporary file, because jHDF writes only to files. */
    private static void write(Path file, Consumer<WritableHdfFile> content, Copy copy) {
        try (TemporaryFolder folder = new TemporaryFolder()) {
            Path written = folder.file("model.h5");
            try (WritableHdfFile hdf5 = HdfFile.write(written)) {
                hdf5.removeAttribute(SIGNED);
                content.accept(hdf5);
            }
            AtomicFile.write(file, channel -> copy.write(written, channel));
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e), e);
        } catch (HdfException | UncheckedIOException e) {
            throw new CharlstmException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
