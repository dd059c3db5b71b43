package org.charlstm.keras;

import module java.base;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of a pickle of Python: numbers, strings, lists, tuples, dictionaries, and the tensors of PyTorch as
 * places in their storages. It calls nothing: every other object is an {@link Other}, whatever it names.
 */
final class Unpickler {
    /** An object that is not made, and what would make it. */
    record Other(String maker) {
    }

    /** A storage of a tensor, in the file under its key. */
    record Storage(String type, String key, long elements) {
    }

    /** A tensor: its elements lie so far from the storage's first, and so far from each other in each dimension. */
    record View(Storage storage, long offset, List<Long> shape, List<Long> strides) {
    }

    /** The beginning of the values that belong together on the stack. */
    private static final Object MARK = new Object();
    /** Stands for None, which no list of Java may hold. */
    static final Object NONE = new Object();

    private final ByteBuffer bytes;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    Unpickler(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads one pickle; throws an unchecked exception where it is broken. */
    Object read() {
        stack.clear();
        memo.clear();
        while (true) {
            int code = bytes.get() & 0xff;
            if (code == '.') {
                return pop();
            }
            step(code);
        }
    }

    private void step(int code) {
        switch (code) {
            case 0x80 -> bytes.get(); // protocol
            case 0x95 -> bytes.getLong(); // the length of a frame
            case '(' -> stack.add(MARK);
            case '0' -> pop();
            case '2' -> stack.add(stack.getLast());
            case 'N' -> stack.add(NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) bytes.getInt());
            case 'K' -> stack.add((long) bytes.get() & 0xff);
            case 'M' -> stack.add((long) bytes.getShort() & 0xffff);
            case 0x8a -> stack.add(whole(take(bytes.get() & 0xff)));
            case 'G' -> stack.add(bytes.order(ByteOrder.BIG_ENDIAN).getDouble());
            case 'X', 'T', 'B' -> stack.add(text(bytes.getInt()));
            case 0x8c, 'U', 'C' -> stack.add(text(bytes.get() & 0xff));
            case ']', ')', '}', 0x8f -> stack.add(code == '}' ? new LinkedHashMap<>() : new ArrayList<>());
            case 'l', 't' -> stack.add(marked());
            case 'd' -> stack.add(dictionary(new LinkedHashMap<>(), marked()));
            case 0x85, 0x86, 0x87 -> stack.add(new ArrayList<>(last(code - 0x84)));
            case 'a' -> list(last(1));
            case 'e', 0x90 -> list(marked());
            case 's' -> dictionary(last(2));
            case 'u' -> dictionary(marked());
            case 'q' -> memo.put(bytes.get() & 0xff, stack.getLast());
            case 'r' -> memo.put(bytes.getInt(), stack.getLast());
            case 0x94 -> memo.put(memo.size(), stack.getLast());
            case 'h' -> stack.add(known(bytes.get() & 0xff));
            case 'j' -> stack.add(known(bytes.getInt()));
            case 'c' -> stack.add(new Other(line() + "." + line()));
            case 0x93 -> {
                List<Object> names = last(2);
                stack.add(new Other(names.get(0) + "." + names.get(1)));
            }
            case 'Q' -> stack.add(storage(pop()));
            case 'R', 0x81 -> {
                List<Object> call = last(2);
                stack.add(made(call.get(0), call.get(1)));
            }
            case 'b' -> pop(); // the state of an object: of a dictionary, what is beside its entries
            default -> throw new IllegalArgumentException(String.format("its pickle has the code 0x%02x, which "
                    + "torch.save does not write", code));
        }
        bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    private Object pop() {
        return stack.removeLast();
    }

    private List<Object> last(int count) {
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> taken = new ArrayList<>(tail);
        tail.clear();
        return taken;
    }

    /** The values after the last mark, which goes too. */
    private List<Object> marked() {
        int mark = stack.lastIndexOf(MARK);
        List<Object> taken = last(stack.size() - mark - 1);
        stack.remove(mark);
        return taken;
    }

    @SuppressWarnings("unchecked") // Lists of this class are of objects.
    private void list(List<Object> more) {
        if (stack.getLast() instanceof List<?> list) {
            ((List<Object>) list).addAll(more);
        }
    }

    @SuppressWarnings("unchecked") // Likewise.
    private void dictionary(List<Object> more) {
        if (stack.getLast() instanceof Map<?, ?> map) {
            dictionary((Map<Object, Object>) map, more);
        }
    }

    private static Map<Object, Object> dictionary(Map<Object, Object> map, List<Object> entries) {
        for (int i = 0; i < entries.size(); i += 2) {
            // A key that is not a string is of no interest, and might contain itself.
            map.put(entries.get(i) instanceof String name ? name : new Object(), entries.get(i + 1));
        }
        return map;
    }

    private Object known(int number) {
        Object value = memo.get(number);
        if (value == null) {
            throw new IllegalArgumentException("its pickle repeats a value that is not there");
        }
        return value;
    }

    private byte[] take(int length) {
        Refuse.argumentIf(length < 0 || length > bytes.remaining(), "its pickle is cut short");
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private String text(int length) {
        return new String(take(length), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (byte next = bytes.get(); next != '\n'; next = bytes.get()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static Object whole(byte[] little) {
        byte[] big = new byte[little.length];
        for (int i = 0; i < big.length; i++) {
            big[i] = little[big.length - 1 - i];
        }
        BigInteger number = big.length == 0 ? BigInteger.ZERO : new BigInteger(big);
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    private static Object storage(@Nullable Object id) {
        if (id instanceof List<?> parts && parts.size() >= 5 && parts.get(1) instanceof Other type
                && parts.get(2) instanceof String key && parts.get(4) instanceof Long elements) {
            return new Storage(type.maker(), key, elements);
        }
        throw new IllegalArgumentException("its pickle has a storage that is not PyTorch's");
    }

    /** The value that a call would make, of the few calls that make the values above. */
    private static Object made(@Nullable Object maker, @Nullable Object with) {
        List<?> given = with instanceof List<?> list ? list : List.of();
        return switch (maker instanceof Other named ? named.maker() : "") {
            case "collections.OrderedDict", "__builtin__.dict", "builtins.dict" -> new LinkedHashMap<>();
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" -> given.getFirst();
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> new View(
                    (Storage) given.get(0), (Long) given.get(1), numbers(given.get(2)), numbers(given.get(3)));
            default -> new Other(maker instanceof Other named ? named.maker() : "something unnamed");
        };
    }

    private static List<Long> numbers(Object list) {
        return ((List<?>) list).stream().map(Long.class::cast).toList();
    }
}
