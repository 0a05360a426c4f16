declare module "*.json?words" {
  const words: { readonly fields: readonly unknown[]; readonly statuses?: readonly unknown[] };
  export default words;
}
