package org.charlstm.keras;

import module java.base;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of a Python pickle: numbers, strings, lists, tuples, dictionaries, and PyTorch's tensors as views of
 * storages. It calls nothing: every other object becomes an {@link Other}, whatever the object names.
 */
final class Unpickler {
    /** An object that is not created, and the name of the function that would create it. */
    record Other(String maker) {
    }

    /** A tensor's storage, which the file has under a key. */
    record Storage(String type, String key, long elements) {
    }

    /** A tensor: the offset of its first element in the storage and the stride of each dimension, both in elements. */
    record View(Storage storage, long offset, List<Long> shape, List<Long> strides) {
    }

    /** Marks the start of a group of values on the stack. */
    private static final Object MARK = new Object();
    /** Stands for None, because immutable lists of Java refuse null. */
    static final Object NONE = new Object();

    private final ByteBuffer bytes;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    Unpickler(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads one pickle; throws an unchecked exception if the pickle is broken. */
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
            case 'b' -> pop(); // an object's state; for a dictionary, its attributes
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

    /** Removes the last mark from the stack and returns the values after it. */
    private List<Object> marked() {
        int mark = stack.lastIndexOf(MARK);
        List<Object> taken = last(stack.size() - mark - 1);
        stack.remove(mark);
        return taken;
    }

    @SuppressWarnings("unchecked") // All lists on the stack hold objects.
    private void list(List<Object> more) {
        if (stack.getLast() instanceof List<?> list) {
            ((List<Object>) list).addAll(more);
        }
    }

    @SuppressWarnings("unchecked") // All maps on the stack map objects to objects.
    private void dictionary(List<Object> more) {
        if (stack.getLast() instanceof Map<?, ?> map) {
            dictionary((Map<Object, Object>) map, more);
        }
    }

    private static Map<Object, Object> dictionary(Map<Object, Object> map, List<Object> entries) {
        for (int i = 0; i < entries.size(); i += 2) {
            // A key that is not a string is not needed, and might contain itself.
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

    /** The value that a call would make; only the few calls that make the values above are known. */
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
