#include "unpack/android/payload_manifest.hpp"

namespace shirushi::unpack {

std::optional<std::uint64_t> ProtobufReader::number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = reader_.u8();
        if (!byte)
            return std::nullopt;
        value |= std::uint64_t{*byte & 0x7fU} << shift;
        if (*byte < 0x80)
            return value;
    }
    return std::nullopt;
}

std::optional<ProtobufField> ProtobufReader::next() {
    if (damaged_ || reader_.at_end())
        return std::nullopt;
    damaged_ = true;  // until the field is whole
    const auto key = number();
    if (!key)
        return std::nullopt;
    ProtobufField field{.number = *key >> 3U};
    const auto kind = static_cast<unsigned>(*key & 7U);
    if (kind == 0) {
        const auto value = number();
        if (!value)
            return std::nullopt;
        field.value = *value;
    } else if (kind == 1 || kind == 2 || kind == 5) {
        const auto size = kind == 1 ? std::optional<std::uint64_t>(8) : kind == 5 ? std::optional<std::uint64_t>(4) : number();
        const auto content = size ? reader_.take(*size) : Result<Bytes>(fail(Errc::bad_input, ""));
        if (!content)
            return std::nullopt;
        field.content = *content;
    } else {
        return std::nullopt;
    }
    damaged_ = false;
    return field;
}

PayloadOperation payload_operation_of(Bytes message) {
    PayloadOperation operation{.message = message};
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1)
            operation.type = field->value;
        else if (field->number == 2)
            operation.data_offset = field->value;
        else if (field->number == 3)
            operation.data_size = field->value;
        else if (field->number == 8)
            operation.digest = field->content;
    }
    return operation;
}

std::optional<PayloadExtent> PayloadExtents::next() {
    while (const auto field = reader_.next()) {
        if (field->number != 6)
            continue;
        PayloadExtent extent;
        ProtobufReader inside(field->content);
        while (const auto part = inside.next()) {
            if (part->number == 1)
                extent.block = part->value;
            else if (part->number == 2)
                extent.count = part->value;
        }
        return extent;
    }
    return std::nullopt;
}

PayloadPartition payload_partition_of(Bytes message) {
    PayloadPartition partition{.message = message};
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        if (field->number == 1)
            partition.name = as_text(field->content);
        if (field->number != 7)
            continue;
        ProtobufReader inside(field->content);
        while (const auto part = inside.next()) {
            if (part->number == 1)
                partition.size = part->value;
            else if (part->number == 2)
                partition.digest = part->content;
        }
    }
    return partition;
}

}  // namespace shirushi::unpack
