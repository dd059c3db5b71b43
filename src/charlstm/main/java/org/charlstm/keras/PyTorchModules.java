package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a PyTorch model in the order of its layers; without an embedding if symbols are one-hot. Authors
 * choose the modules' names freely. A module's kind therefore follows from the names and shapes of its tensors; the
 * order follows from the numbers at the ends of names, or from the widths.
 */
record PyTorchModules(Optional<String> embedding, List<String> recurrent, List<String> linear) {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";
    /** An export's projection of features, which is not part of the chain of modules. */
    private static final String CONDITION = "condition";
    private static final Pattern NUMBERED = Pattern.compile("(.*?)[._]?(\\d{0,4})");
    private static final Pattern OF_EXPORT = Pattern.compile("dense_\\d+");
    /** The greatest number of linear modules for which the order is searched by width. */
    private static final int MOST = 8;

    static PyTorchModules of(String place, Map<String, Tensor> tensors) {
        List<String> recurrent = inOrder(tensors.keySet().stream().filter(ModelFile::isOfPyTorch)
                .map(name -> name.substring(0, Math.max(0, name.length() - PyTorchExport.WEIGHT.length() - 1)))
                .toList())
                .orElseThrow(() -> new CharlstmException(place + " does not say in which order its modules "
                        + tensors.keySet().stream().filter(ModelFile::isOfPyTorch)
                                .map(name -> stem(name.replaceFirst("\\.?weight_ih_l0$", ""))).distinct().toList()
                        + " come; take the model that was exported, or name them from below rnn_1, rnn_2 and so on"));
        List<String> matrices = tensors.keySet().stream().filter(name -> name.endsWith(WEIGHT))
                .map(name -> name.substring(0, name.length() - WEIGHT.length()))
                .filter(name -> !name.equals(CONDITION) && (columns(tensors.get(name + WEIGHT)) > 0
                        || OF_EXPORT.matcher(name).matches() || name.equals("embedding")))
                .toList();
        List<String> without = matrices.stream()
                .filter(name -> !tensors.containsKey(name + BIAS) && !OF_EXPORT.matcher(name).matches()).toList();
        Optional<String> embedding = without.size() == 1 ? Optional.of(without.getFirst()) : Optional.empty();
        List<String> linear = matrices.stream().filter(name -> !without.contains(name)).toList();
        return new PyTorchModules(embedding, recurrent, inOrder(linear).orElseGet(() -> chain(place, tensors, linear,
                width(tensors, recurrent), symbols(tensors, embedding, recurrent))));
    }

    /** The width of the last recurrent module. */
    private static int width(Map<String, Tensor> tensors, List<String> recurrent) {
        return recurrent.isEmpty() ? 0
                : columns(tensors.get(PyTorchExport.name(recurrent.getLast(), PyTorchExport.RECURRENT_WEIGHT) + 0));
    }

    private static int symbols(Map<String, Tensor> tensors, Optional<String> embedding, List<String> recurrent) {
        return embedding.map(name -> rows(tensors.get(name + WEIGHT))).orElseGet(() -> recurrent.isEmpty() ? 0
                : columns(tensors.get(PyTorchExport.name(recurrent.getFirst(), PyTorchExport.WEIGHT) + 0)));
    }

    private static int rows(@Nullable Tensor matrix) {
        return matrix == null || matrix.shape().size() != 2 ? 0 : matrix.shape().getFirst();
    }

    private static int columns(@Nullable Tensor matrix) {
        return matrix == null || matrix.shape().size() != 2 ? 0 : matrix.shape().getLast();
    }

    private static String stem(String name) {
        Matcher parts = NUMBERED.matcher(name);
        return parts.matches() ? parts.group(1) : name;
    }

    private static int number(String name) {
        Matcher parts = NUMBERED.matcher(name);
        return parts.matches() && !parts.group(2).isEmpty() ? Integer.parseInt(parts.group(2)) : -1;
    }

    /** The names in the order of their numbers, if they differ only in the numbers; else empty. */
    private static Optional<List<String>> inOrder(List<String> names) {
        return names.stream().map(PyTorchModules::stem).distinct().count() > 1 ? Optional.empty()
                : Optional.of(names.stream().sorted(Comparator.comparingInt(PyTorchModules::number)).toList());
    }

    /**
     * The only order in which each module accepts the width of the module before, and the last has one column per
     * symbol. There must be exactly one.
     */
    private static List<String> chain(String place, Map<String, Tensor> tensors, List<String> names, int from, int to) {
        List<List<String>> chains = new ArrayList<>();
        if (names.size() <= MOST) {
            extend(tensors, names, new ArrayList<>(), from, to, chains);
        }
        Set<List<String>> distinct = new HashSet<>(chains);
        Refuse.inputIf(distinct.size() != 1, place + " does not say in which order its modules " + names
                + " come, and their widths do not tell; " + "name them from below dense_1, dense_2 and so on");
        return chains.getFirst();
    }

    private static void extend(Map<String, Tensor> tensors, List<String> left, List<String> chain, int from, int to,
            List<List<String>> chains) {
        if (left.isEmpty() && from == to) {
            chains.add(List.copyOf(chain));
        }
        for (String next : left) {
            Tensor weight = tensors.get(next + WEIGHT);
            if (columns(weight) == from) {
                chain.addLast(next);
                extend(tensors, left.stream().filter(name -> !name.equals(next)).toList(), chain, rows(weight), to,
                        chains);
                chain.removeLast();
            }
        }
    }

    /** The cell of a module, from the ratio of rows to columns, because PyTorch's names do not tell the cell. */
    static ForeignCell cell(String module, Map<String, Tensor> tensors) {
        Tensor recurrent = tensors.get(PyTorchExport.name(module, PyTorchExport.RECURRENT_WEIGHT) + 0);
        return Stream.of(ForeignCell.values())
                .filter(cell -> columns(recurrent) > 0 && rows(recurrent) == (long) cell.gates() * columns(recurrent))
                .findFirst()
                .or(() -> Stream.of(ForeignCell.values()).filter(cell -> cell.kind().equals(stem(module))).findFirst())
                .orElse(ForeignCell.LSTM);
    }
}
