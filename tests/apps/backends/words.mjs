// What protoc would make of a service with one method of each kind that pages can call.
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";

const text = `.${StringValueSchema.typeName}`;
const file = create(FileDescriptorProtoSchema, {
  name: "words.proto",
  package: "demo",
  syntax: "proto3",
  dependency: [StringValueSchema.file.proto.name],
  service: [
    {
      name: "Words",
      method: [
        { name: "Upper", inputType: text, outputType: text },
        { name: "Letters", inputType: text, outputType: text, serverStreaming: true },
      ],
    },
  ],
});
const registry = createFileRegistry(file, () => StringValueSchema.file);
export const Words = registry.getService("demo.Words");
